from datetime import timedelta

from celery import shared_task
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from clinics import api_idempotency, jobs, reactions, webhook_processing
from clinics.invitations import invitation_link
from clinics.mail import absolute, password_link, send_mail
from clinics.models import (
    AuditLog,
    BackgroundJob,
    Clinic,
    Invitation,
    Reaction,
    StaffNotification,
    User,
    WebhookLog,
)
from clinics.sessions import forget_ended_sessions
from clinics.tenancy import ClinicTask, clinic_scope
from clinics.webhooks import AT_A_TIME

PAYLOADS_KEPT = timedelta(days=90)


class SteppedTask(ClinicTask):
    """A task whose steps open the clinic for themselves, one transaction each."""

    in_one_transaction = False


@shared_task(base=SteppedTask, autoretry_for=())
def run_reaction(clinic, *reaction_ids):
    """Run one reaction to an event, or some to events of one kind; each stands for itself."""
    for reaction_id in reaction_ids:
        reactions.run_reaction(clinic, reaction_id)


@shared_task(base=SteppedTask, autoretry_for=())
def run_waiting_reactions(clinic):
    """Run the reactions to an act on many, without a message for each of them."""
    if reactions.run_waiting_reactions(clinic) == reactions.MANY:
        run_waiting_reactions.delay(str(clinic.pk))


@shared_task(base=SteppedTask, autoretry_for=())
def run_job(clinic, job_id):
    """Work one background job off."""
    jobs.run_job(clinic, job_id)


@shared_task(base=SteppedTask, autoretry_for=())
def process_webhooks(clinic, *webhook_ids):
    """Work off some events that outside services told."""
    webhook_processing.process_webhooks(clinic, webhook_ids)


@shared_task
def process_due_webhooks():
    """Every half minute: take up events that are to be tried again, or that no worker has worked off."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            due = list(WebhookLog.objects.due(timezone.now()).values_list("pk", flat=True)[:500])
        for start in range(0, len(due), AT_A_TIME):
            process_webhooks.delay(str(clinic.pk), *map(str, due[start : start + AT_A_TIME]))


@shared_task
def forget_webhook_payloads():
    """Nightly: remove what outside services sent three months ago; that it came, and what came of it, stays."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            WebhookLog.objects.ended_before(timezone.now() - PAYLOADS_KEPT).update(payload=None)


@shared_task
def run_due_reactions():
    """Every half minute: wake reactions that no worker has run, because it died or the broker was away."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            due = list(Reaction.objects.due(timezone.now()).values_list("pk", flat=True)[:500])
        for reaction_id in due:
            run_reaction.delay(str(clinic.pk), str(reaction_id))


@shared_task
def restart_silent_jobs():
    """Every minute: take up jobs whose worker has not been heard of for two minutes."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            silent = list(
                BackgroundJob.objects.silent_since(timezone.now() - jobs.SILENT_AFTER).values_list("pk", flat=True)
            )
        for job_id in silent:
            run_job.delay(str(clinic.pk), str(job_id))


@shared_task(base=ClinicTask)
def mail_invitation(clinic, event_id):
    """Send the invitation of an event to its receiver, unless it was closed meanwhile."""
    invitation = Invitation.objects.open().filter(pk=AuditLog.objects.get(pk=event_id).resource_id).first()
    if invitation is None or (link := invitation_link(invitation)) is None:
        return
    known = User.objects.filter(email=invitation.email).first()
    send_mail(
        "invitation",
        invitation.email,
        subject=format_lazy("{clinic}: {words}", clinic=clinic.name, words=_("you are invited to the team")),
        language=(known and known.language) or clinic.language,
        clinic_name=clinic.name,
        invitation=invitation,
        button_url=link,
        button_label=_("See the invitation"),
    )


@shared_task(base=ClinicTask)
def mail_notification(clinic, notice_id):
    """Tell a member by mail that something waits for them, unless they have read it meanwhile. Names nobody."""
    notice = StaffNotification.objects.unread().select_related("member__user").filter(pk=notice_id).first()
    if notice is not None:
        user = notice.member.user
        subject = format_lazy("{clinic}: {words}", clinic=clinic.name, words=_("something waits for you"))
        send_mail(
            "notification",
            user.email,
            subject=subject,
            language=user.language or clinic.language,
            clinic_name=clinic.name,
            button_url=absolute(notice.url or "/"),
            button_label=_("See what it is"),
            preferences_url=absolute(reverse("clinics:profile")),
        )


@shared_task
def mail_password_link(user_id, asked_in=""):
    """Send somebody the link to set a new password; an id that nobody has is passed over in silence.

    Who has chosen no language reads it in the one that they asked in.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is not None:
        send_mail(
            "password_link",
            user.email,
            subject=_("Set a new password"),
            language=user.language or asked_in,
            button_url=password_link(user),
            button_label=_("Set a password"),
        )


@shared_task
def forget_kept_answers():
    """Hourly: delete what the API has kept for a day of its answers to repeated requests."""
    for clinic in Clinic.objects.all():
        with clinic_scope(clinic):
            api_idempotency.forget_kept_answers()


@shared_task
def clear_ended_sessions():
    """Nightly: remove sessions that have run out."""
    call_command("clearsessions")
    forget_ended_sessions()
