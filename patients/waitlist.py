"""The waiting list: who would come sooner, and who is asked next when a time was given up."""

from django.db import transaction

from clinics.audit import record
from clinics.live import publish
from patients.models import WaitlistEntry, WaitlistRefusal, WaitlistStatus
from patients.registration import keyed_id, lock_key
from patients.rules import NobodyBooked, NoLongerWaiting
from patients.scheduling import book_appointment


@transaction.atomic
def join_waitlist(values, *, by, key=None):
    """Put somebody on the waiting list (`values`: fields of WaitlistEntry); returns the entry.

    The same `key` twice puts them on it once. Records "patients.waitlist.joined". Raises NobodyBooked.
    """
    values = {name: value for name, value in values.items() if value not in (None, "")}
    entry = WaitlistEntry(created_by=by, **values)
    if entry.patient is None and not (entry.contact_name or entry.contact_phone):
        raise NobodyBooked
    if key:
        entry.pk = keyed_id(key)
        lock_key(entry.pk)
        known = WaitlistEntry.objects.filter(pk=entry.pk).first()
        if known is not None:
            return known
    entry.save(force_insert=True)
    record("patients.waitlist.joined", entry, by=by, after={"patient": entry.patient})
    publish("waitlist")
    return entry


@transaction.atomic
def leave_waitlist(entry, *, by):
    """Take somebody off the waiting list. Records "patients.waitlist.left". Raises NoLongerWaiting."""
    entry = _waiting(entry)
    entry.status = WaitlistStatus.WITHDRAWN
    entry.save(update_fields=["status", "updated_at"])
    record("patients.waitlist.left", entry, by=by)
    publish("waitlist")
    return entry


@transaction.atomic
def return_to_waitlist(entry, *, by):
    """Put somebody back who was taken off; they keep their turn. Records "patients.waitlist.joined"."""
    entry = WaitlistEntry.objects.select_for_update().get(pk=entry.pk)
    if entry.status == WaitlistStatus.WITHDRAWN:
        entry.status = WaitlistStatus.WAITING
        entry.save(update_fields=["status", "updated_at"])
        record("patients.waitlist.joined", entry, by=by)
        publish("waitlist")
    return entry


@transaction.atomic
def refuse_time(entry, appointment, *, by):
    """They said no to the time of an appointment that was given up; the next in turn is asked.

    Records "patients.waitlist.refused". Raises NoLongerWaiting.
    """
    entry = _waiting(entry)
    _refusal, is_new = WaitlistRefusal.objects.get_or_create(
        entry=entry, appointment=appointment, defaults={"created_by": by}
    )
    if is_new:
        record("patients.waitlist.refused", entry, by=by, after={"appointment": str(appointment.pk)})
        publish("waitlist")
    return entry


@transaction.atomic
def take_time(entry, appointment, *, by):
    """They take the time of an appointment that was given up: booked in its place, and off the list.

    Records "patients.waitlist.booked" and what booking records. Raises NoLongerWaiting, TimeTaken if somebody was
    faster, and what booking raises.
    """
    entry = _waiting(entry)
    minutes = entry.type.duration_minutes if entry.type else appointment.duration_minutes
    entry.appointment = book_appointment(
        {
            "patient": entry.patient,
            "contact_name": "" if entry.patient else entry.contact_name,
            "contact_phone": "" if entry.patient else entry.contact_phone,
            "starts_at": appointment.starts_at,
            "duration_minutes": minutes,
            "type": entry.type or appointment.type,
            "provider": appointment.provider,
            "room": appointment.room,
            "location": appointment.location,
            "notes": entry.note,
        },
        by=by,
    )
    entry.status = WaitlistStatus.BOOKED
    entry.save(update_fields=["appointment", "status", "updated_at"])
    record("patients.waitlist.booked", entry, by=by, after={"appointment": str(entry.appointment.pk)})
    publish("waitlist")
    return entry


def _waiting(entry):
    rows = WaitlistEntry.objects.for_list().select_for_update(of=("self",))
    entry = rows.get(pk=entry.pk)
    if entry.status != WaitlistStatus.WAITING:
        raise NoLongerWaiting
    return entry
