"""Time in which nobody is booked: days off, meetings, holidays; made, moved and removed in the calendar."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from clinics.audit import record
from clinics.live import publish
from clinics.models import AuditLog
from patients.models import ScheduleBlock
from patients.registration import keyed_id, lock_key
from patients.rules import BlockEndsBeforeItBegins, NothingToUndo, RoomIsBlockedForAll, UndoTooLate

UNDO_WITHIN = timedelta(minutes=15)
PLACE = ("provider_id", "location_id", "room_id")
FACTS = (*PLACE, "starts_at", "ends_at", "reason")
LONGEST = timedelta(days=370)


@transaction.atomic
def block_time(values, *, by, key=None):
    """Block a time with a provider, at a location, in a room alone, or, of none, in the whole clinic.

    Returns the ScheduleBlock. What is booked already stays. The same `key` twice blocks once. Its `event` is what
    undo_block takes back. Records "patients.block.made". Raises BlockEndsBeforeItBegins, RoomIsBlockedForAll.
    """
    block = ScheduleBlock(created_by=by, **values)
    _check(block)
    if key:
        block.pk = keyed_id(key)
        lock_key(block.pk)
        known = ScheduleBlock.objects.filter(pk=block.pk).first()
        if known is not None:
            known.event = None
            return known
    block.save(force_insert=True)
    return _told(block, "made", by=by, after=_facts(block))


@transaction.atomic
def change_block(block, values, *, by):
    """Move a blocked time, make it longer, or say why; returns it. Records "patients.block.changed".

    Raises BlockEndsBeforeItBegins, RoomIsBlockedForAll.
    """
    block = ScheduleBlock.objects.select_for_update().get(pk=block.pk)
    before = _facts(block)
    for name, value in values.items():
        setattr(block, name, value)
    _check(block)
    block.event = None
    if _facts(block) == before:
        return block
    block.save()
    return _told(block, "changed", by=by, before=before, after=_facts(block))


@transaction.atomic
def unblock_time(block, *, by):
    """Open a blocked time again; returns what it was. Records "patients.block.removed"."""
    block = ScheduleBlock.objects.select_for_update().get(pk=block.pk)
    _told(block, "removed", by=by, before=_facts(block))
    ScheduleBlock.objects.filter(pk=block.pk).delete()
    return block


@transaction.atomic
def undo_block(event, *, by):
    """Take back what happened to a blocked time, of which `event` is the record. Records "patients.block.undone".

    Raises UndoTooLate after 15 minutes, NothingToUndo if something else has happened to it since.
    """
    lock_key(event.resource_id)
    event = AuditLog.objects.get(pk=event.pk)
    last = AuditLog.objects.about(ScheduleBlock(pk=event.resource_id)).changes().first()
    if event.created_at < timezone.now() - UNDO_WITHIN:
        raise UndoTooLate
    if last is None or last.pk != event.pk:
        raise NothingToUndo
    block = ScheduleBlock.objects.filter(pk=event.resource_id).first()
    if event.before is None:
        record("patients.block.undone", block, by=by, before=_facts(block))
        ScheduleBlock.objects.filter(pk=block.pk).delete()
        publish("schedule")
        return None
    block = block or ScheduleBlock(pk=event.resource_id, created_by=by)
    for name, value in event.before.items():
        setattr(block, name, parse_datetime(value) if name.endswith("_at") else value)
    block.save()
    return _told(block, "undone", by=by, after=_facts(block))


def _check(block):
    if not timedelta() < block.ends_at - block.starts_at <= LONGEST:
        raise BlockEndsBeforeItBegins
    if block.room is not None and block.provider is not None:
        raise RoomIsBlockedForAll
    if block.room is not None:
        block.location = None  # it is where the room is


def _facts(block):
    facts = {name: getattr(block, name) for name in FACTS}
    return facts | {name: facts[name] and str(facts[name]) for name in PLACE}


def _told(block, verb, *, by, before=None, after=None):
    block.event = record(f"patients.block.{verb}", block, by=by, before=before, after=after)
    publish("schedule")
    return block
