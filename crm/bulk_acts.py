"""What can be done to many leads at once. Each act goes through the verb that one lead would go through, guards and
all, and leaves a trace by which it is taken back."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.audit import record
from clinics.bulk import Act, NothingToChange
from clinics.live import publish
from clinics.models.bulk import UNDO_WITHIN
from crm.activities import add_task
from crm.archiving import archive_lead, unarchive_lead
from crm.assignment.giving import assign_lead, assignments_of, undo_assignment
from crm.assignment.handing_over import hand_back_one, hand_over_one
from crm.locking import answer_for
from crm.models import BulkAct, LeadStatus, LeadTask, StageChange, TaskStatus
from crm.pipeline import lock_lead, move_lead, undo_move
from crm.rules import NothingToUndo
from crm.tagging import tag_lead, untag_lead

Kind = BulkAct.Kind


def _move(lead, facts, *, by):
    change = move_lead(lead, facts["stage"], by=by)
    return _changed(change)


def _lose(lead, facts, *, by):
    lost = facts["stage"]
    return _changed(move_lead(lead, lost, by=by, lost_reason=facts["lost_reason"], lost_notes=facts["lost_notes"]))


def _move_back(lead, trace, _facts, *, by):
    undo_move(StageChange(pk=UUID(trace), lead_id=lead.pk), by=by, within=UNDO_WITHIN)


def _assign(lead, facts, *, by):
    return _changed(assign_lead(lead, facts["coordinator"], by=by, is_told=False).assignment)


def _give_back(lead, trace, _facts, *, by):
    assignment = (answer_for(lead.pk, assignments_of) or {}).get(UUID(trace))
    if assignment is None:
        raise NothingToUndo
    undo_assignment(assignment, by=by, within=UNDO_WITHIN, even_to_nobody=True)


def _changed(row):
    if row is None:
        raise NothingToChange
    return row.pk


def _tag(lead, facts, *, by):
    if not tag_lead(lead, facts["tag"], by=by):
        raise NothingToChange
    return facts["tag"].pk


def _untag(lead, facts, *, by):
    if not untag_lead(lead, facts["tag"], by=by):
        raise NothingToChange
    return facts["tag"].pk


def _task(lead, facts, *, by):
    template = facts.get("template")
    if template is None:
        due_at = datetime.fromisoformat(facts["due_at"])
        return add_task(lead, by=by, title=facts["title"], due_at=due_at, key=facts["act"]).pk
    due_at = timezone.now() + timedelta(minutes=template.due_after_minutes)
    kept = {name: getattr(template, name) for name in ("title", "description", "type", "priority")}
    return add_task(lead, by=by, due_at=due_at, key=facts["act"], **kept).pk


def _archive(lead, _facts, *, by):
    if lead.status == LeadStatus.ARCHIVED:
        raise NothingToChange
    return archive_lead(lead, by=by).pk


def _unarchive(lead, _facts, *, by):
    if lead.status != LeadStatus.ARCHIVED:
        raise NothingToChange
    return unarchive_lead(lead, by=by).pk


@transaction.atomic
def withdraw_task(lead, trace, _facts, *, by):
    """Take back a task that nobody has begun; records "crm.task.withdrawn". Raises NothingToUndo if somebody has."""
    lead = lock_lead(lead)
    task = LeadTask.objects.select_for_update().filter(pk=trace, lead=lead, status=TaskStatus.PENDING).first()
    if task is None:
        raise NothingToUndo
    task.delete()
    record("crm.task.withdrawn", lead, by=by, before={"title": task.title, "due_at": task.due_at})
    publish("board", f"lead-{lead.pk}")


ACTS = {
    Kind.MOVE: Act(_move, _move_back, _("Move to %(aim)s"), "lead:update", "stage", gathers=True),
    Kind.LOSE: Act(_lose, _move_back, _("Mark as lost"), "lead:update", gathers=True),
    Kind.ASSIGN: Act(_assign, _give_back, _("Give to %(aim)s"), "lead:assign", "coordinator", gathers=True),
    Kind.HAND_OVER: Act(hand_over_one, hand_back_one, _("Hand over: %(aim)s"), "lead:assign", "names"),
    Kind.TAG: Act(
        _tag,
        lambda lead, _t, facts, *, by: _untag(lead, facts, by=by),
        _("Tag with %(aim)s"),
        "lead:update",
        "tag",
        gathers=True,
    ),
    Kind.UNTAG: Act(
        _untag,
        lambda lead, _t, facts, *, by: _tag(lead, facts, by=by),
        _("Take off the tag %(aim)s"),
        "lead:update",
        "tag",
        gathers=True,
    ),
    Kind.TASK: Act(_task, withdraw_task, _("Set a task"), "task:update"),
    Kind.ARCHIVE: Act(
        _archive,
        lambda lead, _t, _f, *, by: unarchive_lead(lead, by=by),
        _("Archive"),
        "lead:update",
    ),
    Kind.UNARCHIVE: Act(
        _unarchive,
        lambda lead, _t, _f, *, by: archive_lead(lead, by=by),
        _("Bring back"),
        "lead:update",
    ),
}
