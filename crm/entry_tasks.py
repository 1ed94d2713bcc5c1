"""The task that a stage sets by itself when a lead enters it: the next step stands before anybody thinks of it.

Leads that an import brings are history of another system: they get none, or a thousand urgent calls would be due at
once. The board and the list say which of them have no next step.
"""

import uuid
from datetime import timedelta

from django.utils import timezone

from clinics.audit import record
from clinics.writing import remove, write_changes, write_new
from crm.locking import answer_for
from crm.models import LeadTask, TaskStatus
from crm.models.task import OPEN_TASK


def set_entry_task(lead, key, *, by):
    """Set the task that the lead's stage has on entry, for its coordinator; returns the LeadTask, or None.

    `key` (the id of the StageChange, or of a lead that has just come) tells which entry it belongs to: the same entry
    sets it once. Nothing is set while the same step is open already, or where the template is no longer in use.
    Records "crm.task.created". The lead is locked by the caller.
    """
    template = lead.stage.auto_task_template
    if template is None or not template.is_active or not lead.is_open:
        return None
    known = answer_for(lead.pk, tasks_in_question) or ()
    if any(pk == _identity(key) or title == template.title for pk, title in known):
        return None
    task = LeadTask(
        pk=_identity(key),
        lead=lead,
        title=template.title,
        description=template.description,
        type=template.type,
        priority=template.priority,
        assigned_to=lead.assigned_to or by,
        due_at=timezone.now() + timedelta(minutes=template.due_after_minutes),
    )
    write_new(task)
    record("crm.task.created", lead, by=by, after={"task": task, "due_at": task.due_at})
    return task


def take_back_entry_task(lead, key):
    """Remove the task that an entry has set, unless somebody has begun or done it since."""
    remove(LeadTask, pk=_identity(key), lead_id=lead.pk, status=TaskStatus.PENDING)


def drop_tasks(lead):
    """Drop what is still to be done for a lead that is lost: nobody is reminded of it. Returns the ids of these tasks.

    They go with the loss and come back with it; the lead is locked by the caller.
    """
    tasks = answer_for(lead.pk, open_tasks_of) or []
    for task in tasks:
        task.status = TaskStatus.CANCELLED
        write_changes(task, ["status", "updated_at"])
    return [str(task.pk) for task in tasks]


def bring_back_tasks(lead, ids):
    """Take up again what drop_tasks has dropped, unless somebody has changed it since."""
    if ids:
        dropped = LeadTask.objects.filter(lead=lead, pk__in=ids, status=TaskStatus.CANCELLED)
        dropped.update(status=TaskStatus.PENDING, updated_at=timezone.now())


def put_tasks_away(lead):
    """Drop what is still to be done for a lead that goes into the archive, at the moment at which it does.

    That moment tells these tasks from others that were dropped; the lead is locked by the caller.
    """
    LeadTask.objects.open().filter(lead=lead).update(status=TaskStatus.CANCELLED, updated_at=lead.archived_at)


def take_tasks_out(lead):
    """Take up again what went into the archive with a lead, unless somebody has changed it since."""
    dropped = LeadTask.objects.filter(lead=lead, status=TaskStatus.CANCELLED, updated_at=lead.archived_at)
    dropped.update(status=TaskStatus.PENDING, updated_at=timezone.now())


def open_tasks_of(lead_ids):
    """{lead id: [LeadTask]} of what is still to be done for them."""
    found = {}
    for task in LeadTask.objects.open().filter(lead__in=lead_ids):
        found.setdefault(task.lead_id, []).append(task)
    return found


def tasks_in_question(lead_ids):
    """{lead id: [(id, title)]} of what is to be done for them, and, without its title, of what was done."""
    found = {}
    for lead_id, pk, title, status in LeadTask.objects.filter(lead__in=lead_ids).values_list(
        "lead_id", "pk", "title", "status"
    ):
        found.setdefault(lead_id, []).append((pk, title if status in OPEN_TASK else None))
    return found


def _identity(key):
    return uuid.uuid5(key, "task on entry")
