"""Telling somebody by e-mail that their request has arrived, if the form says so: once, and nothing about them."""

from datetime import timedelta

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinics.mail import send_mail
from crm.forms.asking import said
from crm.models import LeadSubmission

ONCE_IN = timedelta(hours=24)  # for one address, so that the form is no means to flood somebody's mailbox


def wants_confirmation(submission):
    """Whether the form of an inquiry that was taken in confirms it, and there is an address to write to."""
    form = submission.form
    return bool(form and form.confirms_by_email and submission.lead and submission.lead.email_norm)


def confirm_inquiry(submission_id):
    """Send the confirmation of an inquiry, unless it was sent, or its lead had another one within a day.

    Raises SMTPException or OSError if it cannot go now; then it was not sent.
    """
    now = timezone.now()
    submission = LeadSubmission.objects.for_confirmation(submission_id)
    if submission is None or not wants_confirmation(submission):
        return
    if LeadSubmission.objects.confirmed_since(now - ONCE_IN).filter(lead=submission.lead).exists():
        return
    if not LeadSubmission.objects.filter(pk=submission.pk, confirmed_at=None).update(confirmed_at=now):
        return
    form, language = submission.form, submission.context.get("language") or submission.clinic.language
    with translation.override(language):
        subject = " ".join(said(form, "confirmation_subject").split())  # one line: a subject holds no other
        place = form.location
        send_mail(
            "inquiry_confirmation",
            submission.lead.email_norm,
            subject=subject,
            language=language,
            clinic_name=submission.clinic.name,
            clinic_address=place.address if place else "",
            clinic_phone=place.phone_number if place else "",
            text=said(form, "confirmation_text"),
            reason=_("This address was given in a form of this clinic. If it was not you, do nothing."),
        )
