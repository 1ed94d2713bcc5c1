"""Tasks that come back: when the next one of a kind is due, and setting it once the last one is done."""

import calendar
import uuid
from datetime import timedelta

from django.utils import timezone

from clinics.audit import record
from clinics.writing import write_new
from crm.models import LeadTask, Recurrence

SATURDAY = 5
DAYS = {Recurrence.DAILY: 1, Recurrence.WEEKDAYS: 1, Recurrence.WEEKLY: 7, Recurrence.FORTNIGHTLY: 14}


def next_moment(recurrence, due_at, now):
    """The first moment after `now` at which a task comes back that was due at `due_at` (local times), at the same hour.

    What was missed meanwhile is passed over. Every month means the same day of the month, or its last one; the hour is
    that of the wall clock, over a change to summer time too.
    """
    wall, steps = due_at.replace(tzinfo=None), 0
    moment = due_at
    while moment <= now or moment == due_at or (recurrence == Recurrence.WEEKDAYS and moment.weekday() >= SATURDAY):
        steps += 1
        if recurrence == Recurrence.MONTHLY:
            moment = _months_later(wall, steps)
        else:
            moment = wall + timedelta(days=steps * DAYS[recurrence])
        moment = moment.replace(tzinfo=due_at.tzinfo)
    return moment


def _months_later(wall, months):
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return wall.replace(year=year, month=month + 1, day=min(wall.day, last))


def set_next_of_series(task, lead, *, by):
    """Set the next task of a series whose task was just done; returns it, or None for a single task or a closed lead.

    Done twice it is set once. Records "crm.task.created". The lead is locked by the caller.
    """
    if not task.recurrence or not lead.is_open:
        return None
    pk = uuid.uuid5(task.pk, "next of the series")
    known = LeadTask.objects.filter(pk=pk).first()
    if known is not None:
        return known
    due_at = next_moment(task.recurrence, timezone.localtime(task.due_at), timezone.localtime())
    ahead = task.due_at - task.reminder_at if task.reminder_at else None
    kept = ("title", "description", "type", "priority", "assigned_to_id", "recurrence", "template_id")
    following = LeadTask(
        pk=pk,
        lead=lead,
        due_at=due_at,
        reminder_at=due_at - ahead if ahead is not None else None,
        **{name: getattr(task, name) for name in kept},
    )
    write_new(following)
    record("crm.task.created", lead, by=by, after={"task": following, "due_at": due_at})
    return following
