import pytest
from django.utils import timezone

from conftest import last_audit
from crm.models import LeadStatus, LostReason, StageChange
from crm.pipeline import UNDO_WITHIN, move_lead, reopen_lead, undo_move
from crm.rules import (
    BackwardMove,
    LeadIsLocked,
    LeadIsLost,
    LeadIsNotLost,
    LostReasonMissing,
    NothingToUndo,
    StageNotForReopening,
    UndoTooLate,
)
from crm.tests.factories import LeadFactory


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(assigned_to=coordinator)


def test_move_lead_may_skip_stages_and_records_before_and_after(lead, stages, coordinator):
    move_lead(lead, stages["pending_decision"], by=coordinator)

    lead.refresh_from_db()
    entry = last_audit(lead)
    assert (lead.stage.slug, lead.status) == ("pending_decision", LeadStatus.ACTIVE)
    assert entry.action == "crm.lead.moved"
    assert entry.actor == coordinator
    assert entry.before == {"stage": str(stages["new_lead"].pk)}
    assert entry.after == {"stage": str(stages["pending_decision"].pk)}


def test_move_lead_to_where_it_stands_changes_nothing(lead, stages, coordinator):
    assert move_lead(lead, stages["new_lead"], by=coordinator) is None
    assert StageChange.objects.count() == 0


def test_move_lead_never_goes_back(lead, stages, coordinator):
    move_lead(lead, stages["contacted"], by=coordinator)

    with pytest.raises(BackwardMove):
        move_lead(lead, stages["new_lead"], by=coordinator)


def test_move_lead_to_lost_wants_a_reason(lead, stages, coordinator):
    with pytest.raises(LostReasonMissing):
        move_lead(lead, stages["lost"], by=coordinator)


def test_move_lead_to_lost_keeps_the_reason(lead, stages, coordinator):
    move_lead(lead, stages["lost"], by=coordinator, lost_reason=LostReason.RELOCATED, lost_notes="To Boston.")

    lead.refresh_from_db()
    assert (lead.status, lead.lost_reason, lead.lost_notes) == (LeadStatus.LOST, LostReason.RELOCATED, "To Boston.")
    assert last_audit(lead).action == "crm.lead.lost"


def test_move_lead_leaves_a_lost_lead_where_it_is(lead, stages, coordinator):
    move_lead(lead, stages["lost"], by=coordinator, lost_reason=LostReason.OTHER)

    with pytest.raises(LeadIsLost):
        move_lead(lead, stages["contacted"], by=coordinator)


def test_move_lead_to_won_converts_and_locks(lead, stages, coordinator):
    move_lead(lead, stages["treatment_started"], by=coordinator)

    lead.refresh_from_db()
    assert lead.status == LeadStatus.CONVERTED
    assert lead.converted_at is not None
    with pytest.raises(LeadIsLocked):
        move_lead(lead, stages["lost"], by=coordinator, lost_reason=LostReason.OTHER)


def test_undo_move_restores_the_lead_to_the_letter(lead, stages, coordinator):
    lead.refresh_from_db()
    entered = lead.stage_entered_at
    change = move_lead(lead, stages["lost"], by=coordinator, lost_reason=LostReason.OTHER, lost_notes="Why not.")

    undo_move(change, by=coordinator)

    lead.refresh_from_db()
    assert (lead.stage.slug, lead.status, lead.stage_entered_at) == ("new_lead", LeadStatus.NEW, entered)
    assert (lead.lost_at, lead.lost_reason, lead.lost_notes) == (None, "", "")
    assert last_audit(lead).action == "crm.lead.move_undone"
    assert list(lead.activities.all()) == []


def test_undo_move_twice_is_undoing_once(lead, stages, coordinator):
    change = move_lead(lead, stages["contacted"], by=coordinator)

    undo_move(change, by=coordinator)
    undo_move(change, by=coordinator)

    lead.refresh_from_db()
    assert lead.stage.slug == "new_lead"


def test_undo_move_unlocks_a_lead_converted_by_mistake(lead, stages, coordinator):
    change = move_lead(lead, stages["treatment_started"], by=coordinator)

    undo_move(change, by=coordinator)

    lead.refresh_from_db()
    assert (lead.is_locked, lead.converted_at) == (False, None)


def test_undo_move_refuses_after_the_next_move(lead, stages, coordinator):
    change = move_lead(lead, stages["contacted"], by=coordinator)
    move_lead(lead, stages["pending_decision"], by=coordinator)

    with pytest.raises(NothingToUndo):
        undo_move(change, by=coordinator)


def test_undo_move_refuses_after_a_quarter_of_an_hour(lead, stages, coordinator, time_machine):
    change = move_lead(lead, stages["contacted"], by=coordinator)

    time_machine.move_to(timezone.now() + UNDO_WITHIN * 2)

    with pytest.raises(UndoTooLate):
        undo_move(change, by=coordinator)


def test_reopen_lead_brings_it_back_on_the_way(lead, stages, coordinator, owner):
    move_lead(lead, stages["lost"], by=coordinator, lost_reason=LostReason.OTHER)

    reopen_lead(lead, stages["contacted"], by=owner)

    lead.refresh_from_db()
    assert (lead.stage.slug, lead.status, lead.lost_reason) == ("contacted", LeadStatus.ACTIVE, "")
    assert last_audit(lead).action == "crm.lead.reopened"


def test_reopen_lead_refuses_an_open_one(lead, stages, owner):
    with pytest.raises(LeadIsNotLost):
        reopen_lead(lead, stages["contacted"], by=owner)


def test_reopen_lead_refuses_the_end_of_the_way(lead, stages, coordinator, owner):
    move_lead(lead, stages["lost"], by=coordinator, lost_reason=LostReason.OTHER)

    with pytest.raises(StageNotForReopening):
        reopen_lead(lead, stages["treatment_started"], by=owner)
