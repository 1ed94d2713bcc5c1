"""Telling whoever comes how their appointment stands, and reminding them of it, by the outbox like everything else.

Each state is told once, as it stands when the message is planned; what has not gone yet when the appointment changes
is taken back. A letter brings the appointment for their calendar.
"""

import hashlib
from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import translation

from clinics.audit import SYSTEM
from clinics.documents.reading import keep_file
from crm.models import Lead, LeadSubmission
from inbox.appointment_words import Telling, letter_of, words_of
from inbox.conversations import conversation_at, conversation_with
from inbox.matching import match_or_merge
from inbox.models import AppointmentNotice, Channel, InboxSettings, MessageAttachment, Purpose
from inbox.planning import cancel_message, plan_message
from inbox.preferences import preferences_url
from inbox.reaching import account_for, best_way, prefers_text
from inbox.rules import AlreadyGone, NoAccount, NobodyToWriteTo
from patients.calendar_files import CANCEL, appointment_file, method_of
from patients.models import Appointment, AppointmentStatus

Kind = AppointmentNotice.Kind
AHEAD = timedelta(hours=1)  # reminders are planned so long before they go
TOO_LATE = timedelta(minutes=30)  # before the appointment a reminder is of no use any more
AT_ONCE = 500


@transaction.atomic
def tell_of_appointment(appointment_id):
    """Tell whoever comes how their appointment stands, if they want to know; returns the UnifiedMessage, or None.

    What was planned and is true no longer is taken back first. Raises NoAccount.
    """
    appointment = _locked(appointment_id)
    if appointment is None:
        return None
    take_back_untrue(appointment)
    if not appointment.wants_mail:
        return None
    untold = Appointment.objects.filter(pk=appointment.pk, mailed_version__lt=F("version"))
    if not untold.update(mailed_version=appointment.version):
        return None
    was_told = AppointmentNotice.objects.told().filter(appointment=appointment).exists()
    is_off = method_of(appointment) == CANCEL
    if is_off and not was_told:
        return None  # they never heard of it
    telling = Telling(Kind.CANCELLED if is_off else Kind.STATE, was_told)
    return _plan(appointment, telling, key=f"appointment {appointment.pk} {appointment.version}")


def take_back_untrue(appointment):
    """Take back what waits to be sent about a locked appointment and does not hold, or is told anew, any more."""
    for notice in AppointmentNotice.objects.waiting().filter(appointment=appointment).select_related("message"):
        notice.appointment = appointment
        is_told_anew = notice.kind != Kind.REMINDER and appointment.mailed_version < appointment.version
        if not notice.is_true or is_told_anew:
            with suppress(AlreadyGone):
                cancel_message(notice.message, by=SYSTEM)


def plan_reminders(now):
    """Plan the reminders that are due within the next hour, each once for a time; returns how many.

    As often and as early as the settings of the inbox say; for whom nobody has a number or an address, none.
    """
    rules = InboxSettings.objects.first()
    spans = {rules.remind_hours_before, rules.remind_again_hours_before} - {0} if rules else ()
    return sum(_plan_reminders(hours, now) for hours in sorted(spans, reverse=True))


def _plan_reminders(hours, now):
    span = timedelta(hours=hours)
    reminded = AppointmentNotice.objects.filter(
        appointment=OuterRef("pk"), kind=Kind.REMINDER, hours_before=hours, starts_at=OuterRef("starts_at")
    )
    lately = AppointmentNotice.objects.filter(
        appointment=OuterRef("pk"), kind=Kind.STATE, created_at__gt=OuterRef("starts_at") - span
    )
    coming = Appointment.objects.standing().filter(
        starts_at__gt=now + TOO_LATE, starts_at__lte=now + span + AHEAD, created_at__lt=F("starts_at") - span
    )
    coming = coming.exclude(requested_at__isnull=False, status=AppointmentStatus.SCHEDULED)
    due = coming.filter(~Exists(reminded), ~Exists(lately)).in_order().values_list("pk", flat=True)
    return sum(_remind(pk, hours) for pk in list(due[:AT_ONCE]))


@transaction.atomic
def _remind(appointment_id, hours):
    appointment = _locked(appointment_id)
    if appointment is None or not appointment.is_open:
        return False
    key = f"appointment {appointment.pk} {hours}h before {appointment.starts_at.isoformat()}"
    try:
        return _plan(appointment, Telling(Kind.REMINDER), key=key, hours=hours) is not None
    except NoAccount:
        return False


def _plan(appointment, telling, *, key, hours=None):
    """Plan one message about a locked appointment; None if nobody knows where to send it."""
    try:
        way = _way_to(appointment)
    except NobodyToWriteTo:
        return None
    conversation = conversation_about(appointment, way)
    with translation.override(_language_of(appointment)):
        subject, text, html = words_of(appointment, telling, way.channel)
        message = plan_message(
            conversation,
            channel=way.channel,
            text=text,
            subject=subject,
            html=html,
            by=SYSTEM,
            dedupe_key=key,
            purpose=Purpose.CARE,
            account=account_for(conversation, way.channel),
            address=way.address,
            not_before=appointment.starts_at - timedelta(hours=hours) if hours else None,
            expires_at=appointment.starts_at if telling.kind != Kind.CANCELLED else appointment.ends_at,
            attachments=_calendar_file(appointment) if way.channel == Channel.EMAIL and not hours else (),
            is_automatic=True,
        )
        if html:
            message.text, message.html = letter_of(appointment, telling, preferences_url=preferences_url(message))
            message.save(update_fields=["text", "html", "updated_at"])
    AppointmentNotice.objects.get_or_create(
        message=message,
        defaults={
            "appointment": appointment,
            "kind": telling.kind,
            "starts_at": appointment.starts_at,
            "hours_before": hours,
        },
    )
    return message


def conversation_about(appointment, way):
    """The conversation with whoever comes: of the patient or lead, else the one held at their address."""
    person = person_of(appointment)
    if person is not None:
        return conversation_with(person, rests=True)
    return conversation_at(way.channel, way.address, display_name=appointment.contact_name)


def person_of(appointment):
    """The patient or lead who comes; None if they are known by name and number alone."""
    if appointment.patient_id:
        return appointment.patient
    lead = Lead.objects.with_consultation(appointment.pk).first()
    if lead is None:
        submission = LeadSubmission.objects.of_appointment(appointment)
        lead = submission.lead if submission else None
    return lead if lead is not None and lead.deleted_at is None else None


@transaction.atomic
def follow_visitor(appointment_id, *, by=SYSTEM):
    """What was told a visitor stands with the lead or patient whom they turned out to be. Returns how many moved."""
    appointment = _locked(appointment_id)
    person = person_of(appointment) if appointment else None
    if person is None:
        return 0
    notices = AppointmentNotice.objects.filter(appointment=appointment).select_related("message__conversation")
    strangers = {notice.message.conversation for notice in notices if notice.message.conversation.is_unmatched}
    for conversation in strangers:
        match_or_merge(conversation, person, by=by)
    return len(strangers)


def _way_to(appointment):
    person = person_of(appointment)
    number = getattr(person, "phone_e164", "") or appointment.contact_phone
    email = appointment.mail_address or getattr(person, "email", "")
    return best_way(phone=number, email=email, likes_texts=prefers_text(person))


def _language_of(appointment):
    patient = appointment.patient
    return appointment.mail_language or (patient.preferred_language if patient else "") or appointment.clinic.language


def _calendar_file(appointment):
    method = method_of(appointment)
    content = appointment_file(appointment, method=method)
    return [
        MessageAttachment.objects.create(
            name="appointment.ics",
            stored_as=keep_file(appointment.clinic_id, content),
            content_type=f"text/calendar; method={method}",
            size_bytes=len(content),
            digest=hashlib.sha256(content).hexdigest(),
        )
    ]


def _locked(appointment_id):
    rows = Appointment.objects.for_list().select_related("clinic").select_for_update(of=("self",))
    return rows.filter(pk=appointment_id).first()
