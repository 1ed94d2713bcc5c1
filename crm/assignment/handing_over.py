"""One lead of an act that hands over all that is open of a person: it goes, with their tasks on it, and comes back."""

from django.utils import timezone

from clinics.bulk import NothingToChange
from clinics.live import publish
from clinics.models import ClinicUser
from clinics.models.bulk import UNDO_WITHIN
from clinics.writing import write_new
from crm.assignment.choosing import Decision, How
from crm.assignment.giving import assign_lead, decide_anew, undo_assignment
from crm.assignment.turns import Turns
from crm.locking import lock_lead
from crm.models import AssignmentChange, LeadActivity, LeadTask
from crm.rules import NothingToUndo


def hand_over_one(lead, facts, *, by):
    """Give a lead of the member `from` to `to`, or by the rules if that is ""; their open tasks on it go along.

    A lead of somebody else keeps its coordinator: then only the tasks go, to `to` or to that coordinator. Returns the
    trace that hand_back_one follows. Raises NothingToChange.
    """
    lead = lock_lead(lead)
    tasks = LeadTask.objects.open().filter(lead=lead, assigned_to=facts["from"]).values_list("pk", flat=True)
    task_ids = [str(pk) for pk in tasks]
    receiver = ClinicUser.objects.select_related("user").get(pk=facts["to"]) if facts["to"] else None
    if str(lead.assigned_to_id) != facts["from"]:
        return _hand_over_tasks(lead, task_ids, facts, receiver or lead.assigned_to, by=by)
    if receiver is not None:
        decision = Decision(receiver, How.HANDOVER)
    else:
        turns = facts.setdefault("turns", Turns(lead.clinic))
        decision = decide_anew(lead, turns, How.HANDOVER, but=lead.assigned_to_id)
    decision.task_ids = task_ids
    return assign_lead(lead, None, by=by, how=decision, is_told=False).assignment.pk


def hand_back_one(lead, trace, _facts, *, by):
    """Give a lead and its tasks back to who had them. Raises NothingToUndo if they have gone on since."""
    change = AssignmentChange.objects.filter(lead=lead, pk=trace, undone_at=None).first()
    if change is None:
        raise NothingToUndo
    if change.how == How.TASKS:
        lock_lead(lead)
        move_tasks(change.task_ids, from_id=change.to_member_id, to_id=change.from_member_id)
        AssignmentChange.objects.filter(pk=change.pk).update(undone_at=timezone.now())
        return
    assignment = LeadActivity.objects.filter(lead=lead, pk=trace).first()
    if assignment is None:
        raise NothingToUndo
    undo_assignment(assignment, by=by, within=UNDO_WITHIN)


def move_tasks(task_ids, *, from_id, to_id):
    """Give open tasks that are still of one member to another."""
    tasks = LeadTask.objects.open().filter(pk__in=task_ids, assigned_to=from_id)
    return tasks.update(assigned_to=to_id, updated_at=timezone.now())


def _hand_over_tasks(lead, task_ids, facts, receiver, *, by):
    if not task_ids or receiver is None:
        raise NothingToChange
    move_tasks(task_ids, from_id=facts["from"], to_id=receiver.pk)
    change = AssignmentChange(
        lead=lead,
        from_member_id=facts["from"],
        to_member=receiver,
        how=How.TASKS,
        task_ids=task_ids,
        by=by,
        changed_at=timezone.now(),
    )
    publish("board", f"lead-{lead.pk}")
    return write_new(change).pk
