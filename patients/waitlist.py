"""The waiting list: who would come sooner. What is offered to them, `patients.offering` decides."""

from django.db import transaction

from clinics.audit import record
from clinics.live import publish
from patients.freed_times import WAITLIST
from patients.models import WaitlistEntry, WaitlistStatus
from patients.registration import keyed_id, lock_key
from patients.rules import NobodyBooked, NoLongerWaiting


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
    publish(WAITLIST)
    return entry


@transaction.atomic
def leave_waitlist(entry, *, by):
    """Take somebody off the waiting list. Records "patients.waitlist.left". Raises NoLongerWaiting."""
    entry = lock_waiting(entry)
    entry.status = WaitlistStatus.WITHDRAWN
    entry.save(update_fields=["status", "updated_at"])
    record("patients.waitlist.left", entry, by=by)
    publish(WAITLIST)
    return entry


@transaction.atomic
def return_to_waitlist(entry, *, by):
    """Put somebody back who was taken off; they keep their turn. Records "patients.waitlist.joined"."""
    entry = WaitlistEntry.objects.select_for_update().get(pk=entry.pk)
    if entry.status == WaitlistStatus.WITHDRAWN:
        entry.status = WaitlistStatus.WAITING
        entry.save(update_fields=["status", "updated_at"])
        record("patients.waitlist.joined", entry, by=by)
        publish(WAITLIST)
    return entry


def lock_waiting(entry):
    """The entry, locked. Raises NoLongerWaiting if somebody has booked it or taken it off meanwhile."""
    rows = WaitlistEntry.objects.for_list().select_for_update(of=("self",))
    entry = rows.get(pk=entry.pk)
    if entry.status != WaitlistStatus.WAITING:
        raise NoLongerWaiting
    return entry


def forget_waiting(name, numbers):
    """Take whoever waits under a name and one of some numbers, without being known as a patient, off; returns how many.

    Nothing is left of them.
    """
    entries = WaitlistEntry.objects.filter(patient=None, contact_name=name, contact_phone__in=set(numbers) - {""})
    count = entries.count()
    entries.delete()
    return count
