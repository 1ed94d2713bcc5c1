"""Working the queue: a call, its outcome, the next step and whose it is, in one go; nobody leaves without a date."""

from django.db import transaction

from crm.activities import add_task, log_call
from crm.assignment.giving import assign_lead
from crm.finishing import finish_task
from crm.follow_up import snooze_task
from crm.models import TaskPriority, TaskType
from crm.pipeline import lock_lead
from crm.rules import LeadIsLocked, NotACoordinator
from crm.task_lists import end_of_today


@transaction.atomic
def work_call(lead, outcome, *, by, next_step, key=""):
    """Log a call of the queue, do the task that asked for it, and set the step that follows; returns (task, activity).

    `next_step` is a function of that task (or None) to the facts of add_task. Of the two that are returned one is None:
    the task that was done carries the call with it. A lead that nobody owned is now the caller's. Records what these
    verbs record. Raises LeadIsLocked.
    """
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    _own(lead, by=by)
    task = lead.tasks.talks_due_before(end_of_today()).select_related("lead").first()
    step = next_step(task)
    if task is not None:
        return finish_task(task, by=by, outcome=outcome, next_step=step, key=key), None
    return None, log_call(lead, by=by, outcome=outcome, next_step=step, key=key)


@transaction.atomic
def put_off(lead, until, *, by, title):
    """Put the next thing about a lead off until a moment: its task, or a new one called `title`; returns the task.

    Its `change` is None for a new one. Records "crm.task.snoozed" or "crm.task.created". Raises LeadIsLocked.
    """
    lead = lock_lead(lead)
    _own(lead, by=by)
    task = lead.tasks.open().order_by("due_at", "pk").select_related("lead").first()
    if task is not None:
        return snooze_task(task, until=until, by=by)
    task = add_task(lead, by=by, title=title, due_at=until, type=TaskType.CALL, priority=TaskPriority.NORMAL)
    task.change = None
    return task


def _own(lead, *, by):
    if lead.assigned_to_id is None:
        try:
            assign_lead(lead, by, by=by)
        except NotACoordinator:
            return  # the front desk owns no leads: the step that follows is theirs all the same
