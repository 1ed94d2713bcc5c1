"""Changing what is planned with a lead: a task put off, given away, reworded or dropped, and all of it undone."""

from datetime import UTC

from django.db import transaction
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.live import publish
from clinics.models import AuditLog
from clinics.notifications import language_of, notify
from clinics.personal_values import opened_sides
from crm.models import LeadTask, TaskStatus
from crm.pipeline import UNDO_WITHIN, lock_lead
from crm.rules import DueInThePast, NothingToUndo, TaskIsClosed, UndoTooLate

CHANGED, SNOOZED, CANCELLED = "crm.task.changed", "crm.task.snoozed", "crm.task.cancelled"
CHANGEABLE = (
    "title",
    "description",
    "type",
    "priority",
    "status",
    "due_at",
    "reminder_at",
    "assigned_to",
    "recurrence",
)
MOMENTS = ("due_at", "reminder_at")


@transaction.atomic
def change_task(task, facts, *, by):
    """Change an open task; `facts` are some of CHANGEABLE by name, `status` one of an open task. Returns the task.

    Its `change` is the record that undo_task_change takes back, None if nothing changed; who gets it from somebody else
    finds a notice. Records "crm.task.changed". Raises TaskIsClosed, DueInThePast.
    """
    return _change(task, facts, CHANGED, by=by)


@transaction.atomic
def snooze_task(task, *, until, by):
    """Put an open task off until a moment, its reminder with it; returns the task, as change_task does.

    Records "crm.task.snoozed". Raises TaskIsClosed, DueInThePast.
    """
    ahead = task.due_at - task.reminder_at if task.reminder_at else None
    return _change(
        task, {"due_at": until} | ({"reminder_at": until - ahead} if ahead is not None else {}), SNOOZED, by=by
    )


@transaction.atomic
def cancel_task(task, *, by):
    """Drop an open task that is not to be done any more; returns it, as change_task does.

    Records "crm.task.cancelled". Raises TaskIsClosed.
    """
    return _change(task, {"status": TaskStatus.CANCELLED}, CANCELLED, by=by)


@transaction.atomic
def undo_task_change(task, change, *, by):
    """Make a task again what it was before `change` (the record of it); returns the task.

    Records "crm.task.change_undone". Raises UndoTooLate after 15 minutes, NothingToUndo if the task was changed since.
    """
    lock_lead(task.lead)
    task = _locked(task)
    if change.created_at < timezone.now() - UNDO_WITHIN:
        raise UndoTooLate
    before, after = opened_sides(change)
    facts = _facts_of(task, before)
    if _plain(task, facts) != {name: after[name] for name in facts}:
        raise NothingToUndo

    for name, value in _from_plain(before).items():
        setattr(task, name, value)
    if task.reminder_at and task.reminder_at < timezone.now():
        task.reminded_at = timezone.now()  # its moment was before the change: nobody is reminded a second time
    task.save()
    task.refresh_from_db()
    record("crm.task.change_undone", task.lead, by=by, before=after, after=before)
    publish(f"lead-{task.lead_id}", "board", "tasks")
    return task


def changes_of(task):
    """The records of what was changed about a task, by which it can be undone."""
    about = AuditLog.objects.about(task.lead).filter(action__in=[CHANGED, SNOOZED, CANCELLED])
    return about.filter(metadata__task=str(task.pk))


def _change(task, facts, event, *, by):
    lock_lead(task.lead)
    task = _locked(task)
    if not task.is_open:
        raise TaskIsClosed
    facts = {name: value for name, value in facts.items() if getattr(task, name) != value}
    if facts.get("due_at") and facts["due_at"] < timezone.now():
        raise DueInThePast
    task.change = None
    if not facts:
        return task

    before = _plain(task, facts)
    for name, value in facts.items():
        setattr(task, name, value)
    if "due_at" in facts:
        task.escalated_at = None
    if "reminder_at" in facts:
        task.reminded_at = None
    task.save()
    task.change = record(
        event, task.lead, by=by, before=before, after=_plain(task, facts), metadata={"task": str(task.pk)}
    )
    if facts.get("assigned_to") and facts["assigned_to"] != by:
        _tell(facts["assigned_to"], task)
    publish(f"lead-{task.lead_id}", "board", "tasks")
    return task


def _locked(task):
    return LeadTask.objects.select_related("lead", "assigned_to__user").select_for_update(of=("self",)).get(pk=task.pk)


def _tell(member, task):
    with translation.override(language_of(member)):
        text = _("%(task)s for %(lead)s is yours now.") % {"task": task.title, "lead": task.lead.display_name}
    notify(member, "lead_assigned", text, url=task.lead.get_absolute_url())


def _facts_of(task, stored):
    return {name: getattr(task, name) for name in stored}


def _plain(task, facts):
    values = _facts_of(task, facts)
    member = values.get("assigned_to")
    for name in MOMENTS:
        if values.get(name):
            values[name] = values[name].astimezone(UTC).isoformat()
    return values | ({"assigned_to": str(member.pk) if member else None} if "assigned_to" in values else {})


def _from_plain(stored):
    values = dict(stored)
    for name in MOMENTS:
        if values.get(name):
            values[name] = parse_datetime(values[name])
    if "assigned_to" in values:
        values["assigned_to_id"] = values.pop("assigned_to")
    return values
