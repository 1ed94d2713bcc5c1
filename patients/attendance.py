"""What becomes of an appointment: confirmed, here, done, missed, cancelled, or booked for another day; and back."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from clinics.audit import record
from clinics.models import AuditLog
from clinics.personal_values import opened_sides
from patients.freed_times import release_time, take_back_time
from patients.models import Appointment, AppointmentStatus, CancellationReason, Visit
from patients.models.appointment import OCCUPYING
from patients.rules import AppointmentIsClosed, NoRequest, NothingToUndo, ReasonMissing, TooEarly, UndoTooLate
from patients.scheduling import book_appointment, hold_time, lock_appointment, save_in_time, tell, told, touch
from patients.segments import follow_visits
from patients.visits import record_visit

UNDO_WITHIN = timedelta(minutes=15)
EARLY = timedelta(hours=2)  # somebody may be here, done or given up so long before their time
KEPT = ("status", "confirmed_at", "checked_in_at", "closed_at", "cancellation_reason", "cancellation_note")


@transaction.atomic
def confirm_appointment(appointment, *, by):
    """Somebody has said that they will come. Records "patients.appointment.confirmed". Raises AppointmentIsClosed."""
    appointment = _open(appointment)
    if appointment.status == AppointmentStatus.CONFIRMED:
        return appointment
    facts = {"status": AppointmentStatus.CONFIRMED, "confirmed_at": timezone.now()}
    return _change(appointment, "confirmed", facts, by=by)


@transaction.atomic
def check_in(appointment, *, by):
    """They are here, and so have confirmed it. Records "patients.appointment.checked_in".

    Raises AppointmentIsClosed, TooEarly more than two hours before.
    """
    appointment = _open(appointment)
    _check_begun(appointment)
    if appointment.checked_in_at:
        return appointment
    now = timezone.now()
    facts = {
        "status": AppointmentStatus.CONFIRMED,
        "confirmed_at": appointment.confirmed_at or now,
        "checked_in_at": now,
    }
    return _change(appointment, "checked_in", facts, by=by)


@transaction.atomic
def complete_appointment(appointment, *, by):
    """It was done: the visit of its patient is written down, with the type's price.

    Records "patients.appointment.completed". Raises AppointmentIsClosed, TooEarly.
    """
    appointment = _open(appointment)
    _check_begun(appointment)
    now = timezone.now()
    facts = {
        "status": AppointmentStatus.COMPLETED,
        "checked_in_at": appointment.checked_in_at or min(appointment.starts_at, now),
        "closed_at": now,
    }
    appointment = _change(appointment, "completed", facts, by=by)
    if appointment.patient is not None:
        _write_visit(appointment, by=by)
    return appointment


def _write_visit(appointment, *, by):
    kind = appointment.type
    record_visit(
        appointment.patient,
        {
            "visit_date": min(appointment.starts_at, timezone.now()),
            "visit_type": kind.name if kind else "",
            "provider": appointment.provider,
            "location": appointment.location,
            "appointment": appointment,
            "revenue_cents": kind.price_cents if kind else None,
        },
        by=by,
    )


@transaction.atomic
def miss_appointment(appointment, *, by):
    """They did not come. Records "patients.appointment.missed". Raises AppointmentIsClosed, TooEarly."""
    appointment = _open(appointment)
    if appointment.starts_at > timezone.now():
        raise TooEarly
    return _change(appointment, "missed", {"status": AppointmentStatus.NO_SHOW, "closed_at": timezone.now()}, by=by)


@transaction.atomic
def cancel_appointment(appointment, *, reason, by, note=""):
    """It will not take place, and why. Its time is free again: `freed` of what is returned, None if it is over.

    Records "patients.appointment.cancelled". Raises AppointmentIsClosed, ReasonMissing.
    """
    appointment = _open(appointment)
    if not reason:
        raise ReasonMissing
    facts = {
        "status": AppointmentStatus.CANCELLED,
        "cancellation_reason": reason,
        "cancellation_note": note,
        "closed_at": timezone.now(),
    }
    appointment = _change(appointment, "cancelled", facts, by=by)
    appointment.freed = release_time(appointment, by=by)
    return appointment


@transaction.atomic
def decline_request(appointment, *, by):
    """Say no to what a visitor asked for online. Records "patients.appointment.cancelled".

    Raises NoRequest if nobody waits for a word, and what cancel_appointment raises.
    """
    if not lock_appointment(appointment).is_request:
        raise NoRequest
    return cancel_appointment(appointment, reason=CancellationReason.DECLINED, by=by)


@transaction.atomic
def rebook_appointment(appointment, values, *, by, key=None, anyway=False):
    """Book another day for whoever cannot come; the former appointment stays on record as rescheduled.

    One that was missed or cancelled stays that. Returns the new appointment, which `replaces` the former. Records
    "patients.appointment.rescheduled" and what booking records. Raises what booking raises.
    """
    appointment = lock_appointment(appointment)
    if appointment.is_open:
        facts = {"status": AppointmentStatus.RESCHEDULED, "closed_at": timezone.now()}
        appointment = _change(appointment, "rescheduled", facts, by=by)
        release_time(appointment, by=by)
        kept = {name: getattr(appointment, name) for name in ("wants_mail", "mail_language")}
        values = kept | values
    return book_appointment(values | {"replaces": appointment}, by=by, key=key, anyway=anyway)


@transaction.atomic
def undo_change(event, *, by):
    """Take back the last change of an appointment, of which `event` is the record; returns the appointment.

    A visit that it wrote goes with it. Records "patients.appointment.undone". Raises UndoTooLate after 15 minutes,
    NothingToUndo if something else has happened since, TimeTaken if the time was given to somebody else.
    """
    appointment = lock_appointment(Appointment(pk=event.resource_id))
    event = AuditLog.objects.get(pk=event.pk)
    if event.created_at < timezone.now() - UNDO_WITHIN:
        raise UndoTooLate
    last = AuditLog.objects.about(appointment).changes().first()
    if last is None or last.pk != event.pk or not event.before:
        raise NothingToUndo
    regretted = _facts_of(appointment)
    _put_back(appointment, opened_sides(event)[0])
    if appointment.status in OCCUPYING:
        hold_time(appointment, anyway=True)
    touch(appointment, by=by)
    save_in_time(appointment)
    _take_back_visit(appointment)
    take_back_time(appointment)

    record("patients.appointment.undone", appointment, by=by, before=regretted, after=_facts_of(appointment))
    tell(appointment)
    return appointment


def _put_back(appointment, before):
    """Set what an event says there was before: references by id, moments read again."""
    for name, value in before.items():
        field = Appointment._meta.get_field(name)
        if field.many_to_one:
            setattr(appointment, field.attname, field.to_python(value))
        elif name.endswith("_at"):
            setattr(appointment, name, parse_datetime(value) if value else None)
        else:
            setattr(appointment, name, value)


def _take_back_visit(appointment):
    """The visit of an appointment that is not done after all, unless money was taken for it."""
    if appointment.status == AppointmentStatus.COMPLETED:
        return
    visits = Visit.objects.filter(appointment=appointment, payments=None)
    if visits.exists():
        visits.delete()
        follow_visits(appointment.patient)


def _open(appointment):
    appointment = lock_appointment(appointment)
    if not appointment.is_open:
        raise AppointmentIsClosed
    return appointment


def _check_begun(appointment):
    if appointment.starts_at > timezone.now() + EARLY:
        raise TooEarly


def _change(appointment, verb, facts, *, by):
    """Set facts of a locked appointment and record it; its `event` is what undo_change takes back."""
    before = _facts_of(appointment)
    for name, value in facts.items():
        setattr(appointment, name, value)
    touch(appointment, by=by)
    appointment.save(update_fields=[*facts, "version", "updated_by", "updated_at"])
    appointment.event = record(
        f"patients.appointment.{verb}", appointment, by=by, before=before, after=_facts_of(appointment)
    )
    tell(appointment)
    return appointment


def _facts_of(appointment):
    return told(appointment) | {name: getattr(appointment, name) for name in KEPT}
