from celery import shared_task
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation

from clinics.models import AuditLog, Clinic
from clinics.tasks import SteppedTask
from clinics.tenancy import ClinicTask, clinic_scope
from crm.models import Lead
from inbox import (
    account_health,
    assigning,
    calls,
    consent_flow,
    digest,
    following,
    handling,
    media,
    outbox,
    reconciling,
    rule_messages,
    sandbox,
    satisfaction,
    telling,
    triage,
    watching,
)
from inbox.channels import meta_api
from inbox.channels.email import imap
from inbox.models import (
    Carrier,
    ChannelAccount,
    ContactConsent,
    InboxSettings,
    MessageAttachment,
    MessageStatus,
    UnifiedConversation,
    UnifiedMessage,
)


@shared_task(base=SteppedTask, autoretry_for=())
def drain_outbox(clinic):
    """Send what a clinic has due."""
    outbox.drain_outbox(clinic)


@shared_task(base=SteppedTask, autoretry_for=())
def reconcile_outbox(clinic):
    """Take up what dead workers of a clinic left behind, and ask carriers about what is in doubt."""
    reconciling.reconcile_outbox(clinic)


@shared_task
def drain_all_outboxes():
    """Every five seconds: wake the sender of each clinic that has something due, or something in doubt."""
    now = timezone.now()
    due = Q(status__in=(MessageStatus.PLANNED, MessageStatus.PENDING), not_before__lte=now)
    left = Q(status=MessageStatus.SENDING, lease_until__lt=now) | Q(status=MessageStatus.UNKNOWN, not_before__lte=now)
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            has_due = UnifiedMessage.objects.filter(due).exists()
            has_left = UnifiedMessage.objects.filter(left).exists()
        if has_due:
            drain_outbox.delay(str(clinic.pk))
        if has_left:
            reconcile_outbox.delay(str(clinic.pk))


@shared_task(base=ClinicTask)
def follow_people(clinic, event_id):
    """Let conversations follow what happened to a lead or patient: merged, converted, renamed, erased, or undone."""
    event = AuditLog.objects.get(pk=event_id)
    person = following.person_of(event)
    if person is None:
        return
    if event.action.endswith(".merged"):
        following.follow_merge(person, event.after["merged"])
    elif event.action.endswith("_undone"):
        following.follow_parting(person)
    elif event.action == "crm.lead.became_patients":
        following.follow_conversion(person)
    elif event.action == "patients.patient.erased":
        following.erase_conversations(person)
    else:
        following.follow_name(person)


@shared_task
def watch_all_outboxes():
    """Every minute: look whether anything is stuck in a clinic's sender, tell its admins, and let it be reconciled."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            watching.watch_outbox()
        reconcile_outbox.delay(str(clinic.pk))


@shared_task(base=SteppedTask, max_retries=6)
def fetch_media(clinic, message_id):
    """Fetch the files of a message from its carrier."""
    media.fetch_media(clinic, message_id)


@shared_task
def fetch_all_media():
    """Every five minutes: files whose task was lost or gave up; after a day it is said that they cannot be had."""
    now = timezone.now()
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            waiting = MessageAttachment.objects.waiting().filter(created_at__lt=now - media.PATIENCE_BEFORE_SWEEP)
            messages = dict(waiting.order_by("created_at").values_list("message", "created_at")[:200])
        for message_id, created_at in messages.items():
            if created_at < now - media.GIVEN_UP_AFTER:
                media.give_up_media(clinic, message_id)
            else:
                fetch_media.delay(str(clinic.pk), str(message_id))


@shared_task(base=ClinicTask)
def open_sandbox(clinic, event_id):
    """Let the inbox of a new clinic work at once, by pretend phones and mailboxes."""
    with translation.override(clinic.language):
        sandbox.open_sandbox(clinic)


@shared_task(base=ClinicTask)
def mark_message(clinic, event_id):
    """Hear the mood of a message, and whether it is urgent."""
    triage.mark_message(UnifiedMessage.objects.get(pk=AuditLog.objects.get(pk=event_id).resource_id))


@shared_task(base=ClinicTask)
def make_lead_of_stranger(clinic, event_id):
    """Make a lead of a stranger who wrote, where the clinic wants that."""
    message = UnifiedMessage.objects.select_related("conversation__clinic").get(
        pk=AuditLog.objects.get(pk=event_id).resource_id
    )
    triage.make_lead_of_stranger(message)


@shared_task(base=ClinicTask)
def note_call(clinic, event_id):
    """Let a call stand in the conversation, and text back if it was missed."""
    with translation.override(clinic.language):
        calls.note_call(AuditLog.objects.get(pk=event_id).metadata.get("activity"))


@shared_task(base=ClinicTask)
def note_voicemail(clinic, event_id):
    """Let what a caller spoke stand in the conversation."""
    with translation.override(clinic.language):
        calls.note_voicemail(AuditLog.objects.get(pk=event_id).metadata.get("event"))


@shared_task(base=SteppedTask)
def read_mailboxes(clinic):
    """Read what is new in the mailboxes of a clinic."""
    imap.read_mailboxes(clinic)


@shared_task
def read_all_mailboxes():
    """Every minute: read the mailboxes that are read by IMAP."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            has_any = ChannelAccount.objects.active().filter(settings__imap_host__gt="").exists()
        if has_any:
            read_mailboxes.delay(str(clinic.pk))


@shared_task(base=ClinicTask)
def look_at_accounts(clinic):
    """Block the accounts of a clinic that do harm by sending, and let those go on that are well again."""
    with translation.override(clinic.language):
        account_health.look_at_accounts()


@shared_task(base=SteppedTask)
def note_ends_of_access(clinic):
    """Ask Meta until when the tokens of a clinic are good."""
    with clinic_scope(clinic):
        accounts = list(ChannelAccount.objects.active().filter(carrier=Carrier.META))
    for account in accounts:
        meta_api.note_end_of_access(account)


@shared_task
def note_all_ends_of_access():
    """Nightly: no token runs out unnoticed."""
    for clinic_id in Clinic.objects.filter(is_active=True).values_list("pk", flat=True):
        note_ends_of_access.delay(str(clinic_id))


@shared_task
def look_at_all_accounts():
    """Every ten minutes: notice what has gone wrong with channel accounts before the next message does."""
    for clinic_id in Clinic.objects.filter(is_active=True).values_list("pk", flat=True):
        look_at_accounts.delay(str(clinic_id))


@shared_task(base=ClinicTask)
def keep_consent(clinic, event_id):
    """Keep what a patient said for the address that it was said about."""
    event = AuditLog.objects.get(pk=event_id)
    consent_flow.keep_for_address(event.resource_id, event.after["channel"], event.after["purpose"])


@shared_task(base=ClinicTask)
def tell_patients(clinic, event_id):
    """Write a refusal down for the patients who are reached at its address."""
    consent = ContactConsent.objects.filter(pk=AuditLog.objects.get(pk=event_id).resource_id).first()
    if consent is not None:
        consent_flow.tell_patients(consent)


@shared_task(base=ClinicTask)
def assign_message(clinic, event_id):
    """Give a conversation that nobody has to somebody when a message comes in, and tell whoever has it."""
    message = UnifiedMessage.objects.select_related("conversation").get(
        pk=AuditLog.objects.get(pk=event_id).resource_id
    )
    satisfaction.withdraw_question(message.conversation)
    assigning.assign_by_rules(message.conversation)
    assigning.tell_of_message(UnifiedConversation.objects.for_page().get(pk=message.conversation_id))


@shared_task(base=ClinicTask)
def send_digests(clinic):
    """Write to the members of a clinic who want it what waits for them, once a morning."""
    digest.send_digests(clinic)


@shared_task
def send_all_digests():
    """Every hour: write to those for whom it is morning."""
    for clinic_id in Clinic.objects.filter(is_active=True).values_list("pk", flat=True):
        send_digests.delay(str(clinic_id))


@shared_task(base=ClinicTask)
def ask_satisfaction(clinic, event_id):
    """Ask how content somebody is with the conversation that was resolved, where the clinic wants that."""
    with translation.override(clinic.language):
        satisfaction.ask_satisfaction(AuditLog.objects.get(pk=event_id))


@shared_task(base=ClinicTask)
def withdraw_question(clinic, event_id):
    """Ask nobody whose conversation goes on."""
    conversation = UnifiedConversation.objects.get(pk=AuditLog.objects.get(pk=event_id).resource_id)
    satisfaction.withdraw_question(conversation)


@shared_task
def wake_snoozed():
    """Every minute: bring back the conversations whose time has come, in every clinic."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic), transaction.atomic():
            handling.wake_due_conversations()


@shared_task(base=ClinicTask)
def plan_rule_message(clinic, event_id):
    """Plan the message that a follow-up rule has due for a lead."""
    event = AuditLog.objects.get(pk=event_id)
    lead = Lead.objects.filter(pk=event.resource_id, deleted_at=None).first()
    if lead is not None:
        rule_messages.plan_for_rule(lead, event.metadata)


@shared_task
def plan_all_reminders():
    """Every five minutes: plan the reminders of each clinic that sends any."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            has_any = InboxSettings.objects.reminding().exists()
        if has_any:
            telling.plan_reminders.delay(str(clinic.pk))
