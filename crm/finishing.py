"""Doing a task: ticked off with what came of it, and with the next step in the same go; and all of it taken back."""

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from crm.activities import add_task, log_call, undo_activity
from crm.models import ActivityType, CallOutcome, LeadActivity, LeadTask, TaskStatus
from crm.pipeline import UNDO_WITHIN, lock_lead
from crm.recurring import set_next_of_series
from crm.rules import UndoTooLate
from crm.task_lists import end_of_today


@transaction.atomic
def finish_task(task, *, by, outcome="", notes="", next_step=None, key=""):
    """Complete a task with what came of it, and set the next step with it; returns the task. Twice is once.

    With `outcome` (a CallOutcome) it was a call, which is logged; `next_step` holds the facts of add_task. What undoes
    it is undo_complete_task. Records what log_call, add_task and complete_task record. Raises LeadIsLocked where
    something is to be added to a lead that has become a patient.
    """
    lead = lock_lead(task.lead)
    task = LeadTask.objects.select_for_update().get(pk=task.pk)
    if task.status == TaskStatus.COMPLETED:
        return task
    trace = {}
    if outcome:
        call = log_call(lead, by=by, outcome=outcome, notes=notes, next_step=next_step, key=key)
        trace, notes = {"call": str(call.pk)}, ""
    elif next_step:
        step = add_task(lead, by=by, **next_step | ({"key": key} if key else {}))
        trace = {"next_task": str(step.pk), "next_title": step.title}
    return complete_task(task, by=by, notes=notes, trace=trace)


@transaction.atomic
def log_settling_call(lead, *, by, outcome, next_step=None, payload=None, **facts):
    """Log a call as log_call does, and tick off the task of today that asked for it; returns the activity.

    It is done if they were spoken to or a next step takes its place; a next step that stands there already is not set a
    second time. What undoes all of it is undo_logged. Records what log_call and complete_task record. Raises
    LeadIsLocked.
    """
    lead, payload = lock_lead(lead), payload or {}
    task = lead.tasks.talks_due_before(end_of_today()).first()
    if task is not None and (next_step or outcome == CallOutcome.SPOKE):
        payload = payload | {"settled": str(task.pk)}
    if next_step and _stands(lead, next_step, but=task):
        payload, next_step = payload | {"next_title": next_step["title"]}, None
    call = log_call(lead, by=by, outcome=outcome, next_step=next_step, payload=payload, **facts)
    settled = LeadTask.objects.filter(lead=lead, pk=call.payload.get("settled")).first()
    call.settled = settled and complete_task(settled, by=by)
    return call


def _stands(lead, step, *, but):
    """Whether the very same step is planned already, by another task than the one that is being done."""
    same = lead.tasks.open().filter(title=step["title"], due_at=step["due_at"])
    return same.exclude(pk=but and but.pk).exists()


@transaction.atomic
def undo_logged(activity, *, by):
    """Take back a call or note as undo_activity does; a task that the call has settled is open again. Returns the lead.

    Raises what undo_activity raises.
    """
    lead = undo_activity(activity, by=by)
    settled = LeadTask.objects.filter(lead=lead, pk=activity.payload.get("settled")).first()
    if settled is not None:
        undo_complete_task(settled, by=by)
    return lead


@transaction.atomic
def complete_task(task, *, by, notes="", trace=None):
    """Tick a task off, also one that a converted lead has left open; returns it. Ticking twice is ticking once.

    The next one of a series is set at once. `trace` names what came with it and is taken back with it. Records
    "crm.task.completed".
    """
    lead = lock_lead(task.lead)
    task = LeadTask.objects.select_for_update().get(pk=task.pk)
    if task.status == TaskStatus.COMPLETED:
        return task
    before = task.status
    task.status, task.completed_at, task.completed_by = TaskStatus.COMPLETED, timezone.now(), by
    task.save(update_fields=["status", "completed_at", "completed_by", "updated_at"])
    following = set_next_of_series(task, lead, by=by)
    trace = (trace or {}) | ({"repeat": str(following.pk)} if following else {})
    LeadActivity.objects.create(
        lead=lead,
        type=ActivityType.TASK_COMPLETED,
        occurred_at=task.completed_at,
        by=by,
        notes=notes,
        payload={"task": str(task.pk), "title": task.title} | trace,
    )
    record("crm.task.completed", lead, by=by, before={"status": before}, after={"task": task})
    publish(f"lead-{lead.pk}", "board", "tasks")
    return task


@transaction.atomic
def undo_complete_task(task, *, by):
    """Open a task again that was ticked off by mistake; returns it. Records "crm.task.reopened".

    The call, the next step and the next one of the series that came with it go too. Raises UndoTooLate after 15
    minutes.
    """
    lead = lock_lead(task.lead)
    task = LeadTask.objects.select_for_update().get(pk=task.pk)
    if task.status != TaskStatus.COMPLETED:
        return task
    if task.completed_at < timezone.now() - UNDO_WITHIN:
        raise UndoTooLate
    task.status, task.completed_at, task.completed_by = TaskStatus.PENDING, None, None
    task.save(update_fields=["status", "completed_at", "completed_by", "updated_at"])
    done = LeadActivity.objects.filter(lead=lead, payload__task=str(task.pk))
    for activity in done:
        _take_back_with(activity, by=by)
    done.delete()
    record("crm.task.reopened", lead, by=by, after={"task": task})
    publish(f"lead-{lead.pk}", "board", "tasks")
    return task


def _take_back_with(activity, *, by):
    call = LeadActivity.objects.filter(lead=activity.lead_id, pk=activity.payload.get("call")).first()
    if call is not None:
        undo_activity(call, by=by)
    followed = [activity.payload[name] for name in ("next_task", "repeat") if name in activity.payload]
    LeadTask.objects.filter(lead=activity.lead_id, pk__in=followed, status=TaskStatus.PENDING).delete()
