"""Moving leads along the pipeline: one rule on every path, whoever moves and however.

Stages may be skipped, never gone back, except into Lost with its reason; a converted lead is locked; a lost one is
reopened by a clinic admin; the last move can be undone for a quarter of an hour.
"""

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from clinics.writing import is_together, remove, whole, write_changes, write_new
from crm.assignment.mending import own_again
from crm.consultations import take_back_booking
from crm.entry_tasks import bring_back_tasks, drop_tasks, set_entry_task, take_back_entry_task
from crm.locking import answer_for, lock_lead
from crm.models import ActivityType, Lead, LeadActivity, LeadConversion, LeadStatus, PipelineStage, StageChange
from crm.moved_values import take_back_value
from crm.rules import (
    UNDO_WITHIN,
    BackwardMove,
    HasPatients,
    LeadIsArchived,
    LeadIsLocked,
    LeadIsLost,
    LeadIsNotLost,
    LostReasonMissing,
    NothingToUndo,
    StageNotForReopening,
    UndoTooLate,
)

# What a move may change on the lead, and an undo puts back.
MOVED_FIELDS = (
    "stage_id", "status", "stage_entered_at", "hand_place", "converted_at", "lost_at", "lost_reason", "lost_notes",
    "suggested_stage_id",
)  # fmt: skip


@whole
def move_lead(lead, stage, *, by, lost_reason="", lost_notes=""):
    """Move a lead to another stage of its pipeline and return the StageChange, or None if it stands there already.

    A WON stage converts and locks the lead; the LOST stage wants `lost_reason` (a LostReason), and what was still to be
    done is dropped. The stage's task on entry is set. Records "crm.lead.moved", or "crm.lead.converted", or
    "crm.lead.lost". Raises LeadIsLocked, LeadIsArchived, LeadIsLost, BackwardMove, LostReasonMissing.
    """
    lead = lock_lead(lead)
    if lead.stage_id == stage.pk:
        return None
    check_move(lead, stage, lost_reason=lost_reason)

    dropped = drop_tasks(lead) if stage.kind == PipelineStage.Kind.LOST else []
    change = _start_change(lead, stage, by=by, lost_reason=lost_reason, dropped=dropped)
    lead.stage, lead.stage_entered_at, lead.hand_place = stage, change.changed_at, None
    lead.suggested_stage_id = None
    event = "crm.lead.moved"
    if stage.kind == PipelineStage.Kind.WON:
        lead.status, lead.converted_at, event = LeadStatus.CONVERTED, change.changed_at, "crm.lead.converted"
    elif stage.kind == PipelineStage.Kind.LOST:
        lead.status, lead.lost_at, event = LeadStatus.LOST, change.changed_at, "crm.lead.lost"
        lead.lost_reason, lead.lost_notes = lost_reason, lost_notes
    else:
        lead.status = LeadStatus.ACTIVE
    _save_move(lead, by=by)
    set_entry_task(lead, change.pk, by=by)
    _tell(lead, change, event, by=by)
    return change


def check_move(lead, stage, *, lost_reason=""):
    """Raise the rule that forbids moving `lead` to `stage`, if there is one; changes nothing."""
    if lead.is_locked:
        raise LeadIsLocked
    if lead.status == LeadStatus.ARCHIVED:
        raise LeadIsArchived
    if lead.status == LeadStatus.LOST:
        raise LeadIsLost
    if stage.kind == PipelineStage.Kind.LOST:
        if not lost_reason:
            raise LostReasonMissing
    elif stage.order < lead.stage.order:
        raise BackwardMove


@transaction.atomic
def reopen_lead(lead, stage, *, by, with_task=True):
    """Put a lost lead back on the way, into an OPEN stage, and return the StageChange.

    The stage's task on entry is set, unless `with_task` is off because the caller sets another. Records
    "crm.lead.reopened". A lead whose coordinator may own none any more gets another one. Raises LeadIsNotLost,
    StageNotForReopening, CoordinatorMissing. That only clinic admins may is the permission "lead:reopen".
    """
    lead = lock_lead(lead)
    if lead.status != LeadStatus.LOST:
        raise LeadIsNotLost
    if not stage.is_open:
        raise StageNotForReopening

    change = _start_change(lead, stage, by=by)
    lead.stage, lead.stage_entered_at, lead.status = stage, change.changed_at, LeadStatus.ACTIVE
    lead.lost_at, lead.lost_reason, lead.lost_notes, lead.hand_place = None, "", "", None
    _save_move(lead, by=by)
    if with_task:
        set_entry_task(lead, change.pk, by=by)
    _tell(lead, change, "crm.lead.reopened", by=by)
    own_again(lead, by=by)
    return change


@whole
def undo_move(change, *, by, within=UNDO_WITHIN):
    """Take a move back: the lead is again exactly what it was before, time in its stage included. Returns the lead.

    A consultation that it booked is cancelled and a value that was said with it taken back, unless somebody has changed
    them since. A lead that is open again has a coordinator; an act on many sees to that at its end. Undoing twice is
    undoing once. Records "crm.lead.move_undone". Raises UndoTooLate after `within`,
    HasPatients if patients were made of the lead, NothingToUndo once it was moved again.
    """
    lead = lock_lead(Lead(pk=change.lead_id))
    change = answer_for(lead.pk, moves_of)[change.pk]
    if change.undone_at:
        return lead
    if change.changed_at < timezone.now() - within:
        raise UndoTooLate
    if answer_for(lead.pk, conversions_of):
        raise HasPatients
    if lead.stage_id != change.to_stage_id or lead.stage_entered_at != change.changed_at:
        raise NothingToUndo

    for field in MOVED_FIELDS:
        setattr(lead, field, Lead._meta.get_field(field.removesuffix("_id")).to_python(change.before.get(field)))
    _save_move(lead, by=by)
    change.undone_at = timezone.now()
    write_changes(change, ["undone_at", "updated_at"])
    remove(LeadActivity, payload__stage_change=str(change.pk), lead_id=lead.pk)
    take_back_entry_task(lead, change.pk)
    bring_back_tasks(lead, change.before.get("dropped"))
    take_back_booking(lead, change, by=by)
    take_back_value(lead, change, by=by)
    record("crm.lead.move_undone", lead, by=by, before={"stage": change.to_stage}, after={"stage": change.from_stage})
    publish("board", f"lead-{lead.pk}")
    return lead if is_together() else own_again(lead, by=by)


def moves_of(lead_ids):
    """{lead id: {id: StageChange}}, locked."""
    changes, found = StageChange.objects.select_for_update(of=("self",)).select_related("from_stage", "to_stage"), {}
    for change in changes.filter(lead__in=lead_ids):
        found.setdefault(change.lead_id, {})[change.pk] = change
    return found


def conversions_of(lead_ids):
    """{lead id: True} of those of whom patients were made."""
    standing = LeadConversion.objects.standing().filter(lead__in=lead_ids)
    return dict.fromkeys(standing.values_list("lead", flat=True), True)


def _start_change(lead, stage, *, by, lost_reason="", dropped=()):
    change = StageChange(
        lead=lead,
        from_stage=lead.stage,
        to_stage=stage,
        changed_at=timezone.now(),
        by=by,
        lost_reason=lost_reason,
        before={field: getattr(lead, field) for field in MOVED_FIELDS} | ({"dropped": dropped} if dropped else {}),
    )
    return write_new(change)


def _save_move(lead, *, by):
    lead.version += 1
    lead.updated_by = by
    fields = (
        "stage", "status", "stage_entered_at", "hand_place", "converted_at", "lost_at", "lost_reason", "lost_notes",
        "suggested_stage", "version", "updated_by", "updated_at",
    )  # fmt: skip
    write_changes(lead, fields)


def _tell(lead, change, event, *, by):
    payload = {
        "stage_change": str(change.pk),
        "from": change.from_stage.name,
        "to": change.to_stage.name,
        "lost_reason": change.lost_reason,
    }
    activity = LeadActivity(
        lead=lead, type=ActivityType.STAGE_CHANGE, occurred_at=change.changed_at, by=by, payload=payload
    )
    write_new(activity)
    record(
        event,
        lead,
        by=by,
        before={"stage": change.from_stage},
        after={"stage": change.to_stage} | ({"lost_reason": change.lost_reason} if change.lost_reason else {}),
    )
    publish("board", f"lead-{lead.pk}")
