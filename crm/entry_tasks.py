"""The task that a stage sets by itself when a lead enters it: the next step stands before anybody thinks of it.

Leads that an import brings are history of another system: they get none, or a thousand urgent calls would be due at
once. The board and the list say which of them have no next step.
"""

import uuid
from datetime import timedelta

from django.utils import timezone

from clinics.audit import record
from clinics.writing import write_new
from crm.models import LeadTask, TaskStatus


def set_entry_task(lead, key, *, by):
    """Set the task that the lead's stage has on entry, for its coordinator; returns the LeadTask, or None.

    `key` (the id of the StageChange, or of a lead that has just come) tells which entry it belongs to: the same entry
    sets it once. Nothing is set while the same step is open already, or where the template is no longer in use.
    Records "crm.task.created". The lead is locked by the caller.
    """
    template = lead.stage.auto_task_template
    if template is None or not template.is_active or not lead.is_open:
        return None
    if LeadTask.objects.filter(lead=lead).open_or_known(template.title, _identity(key)).exists():
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
    LeadTask.objects.filter(lead=lead, pk=_identity(key), status=TaskStatus.PENDING).delete()


def _identity(key):
    return uuid.uuid5(key, "task on entry")
