import pytest

from clinics.audit import SYSTEM
from clinics.members import deactivate_member
from clinics.models import Role, StaffNotification
from clinics.tests.factories import away
from conftest import member_of
from crm.archiving import archive_lead, unarchive_lead
from crm.assignment.leaving import hand_over, settle_leaver, what_is_open
from crm.assignment.mending import mend_ownerless_leads, ownerless_leads
from crm.bulk import Chosen, start_bulk, undo_bulk
from crm.models import AssignmentChange, BulkAct, LeadStatus
from crm.pipeline import move_lead, reopen_lead, undo_move
from crm.rules import HandedToThemselves, NotACoordinator
from crm.tests.factories import AssignmentRuleFactory, LeadFactory, LeadTaskFactory


@pytest.fixture
def dana(clinic):
    return member_of(Role.TREATMENT_COORDINATOR, "Dana")


def test_hand_over_gives_leads_with_their_tasks_and_can_be_taken_back_whole(coordinator, dana, owner):
    theirs = LeadFactory(assigned_to=coordinator)
    task = LeadTaskFactory(lead=theirs, assigned_to=coordinator)
    of_others = LeadTaskFactory(lead=LeadFactory(assigned_to=owner), assigned_to=coordinator)
    won = LeadFactory(assigned_to=coordinator, status=LeadStatus.ARCHIVED)

    act = hand_over(coordinator, dana, by=owner)

    for row in (theirs, task, of_others, won):
        row.refresh_from_db()
    assert (theirs.assigned_to, task.assigned_to, of_others.assigned_to) == (dana, dana, dana)
    assert (won.assigned_to, act.done_count) == (coordinator, 2)
    assert AssignmentChange.objects.of_lead(theirs).get().reason == "handed over"
    assert StaffNotification.objects.get(member=dana).text == "2 leads are yours now."

    undo_bulk(act, by=owner)

    for row in (theirs, task, of_others):
        row.refresh_from_db()
    assert (theirs.assigned_to, task.assigned_to, of_others.assigned_to) == (coordinator,) * 3


def test_hand_over_by_the_rules_spreads_and_passes_over_who_gives(coordinator, dana, owner):
    other = member_of(Role.TREATMENT_COORDINATOR, "Hye-jin")
    AssignmentRuleFactory(name="Turn", people=[coordinator, dana, other])
    leads = [LeadFactory(assigned_to=coordinator) for _number in range(4)]

    hand_over(coordinator, None, by=owner)

    changes = [AssignmentChange.objects.of_lead(lead).get() for lead in leads]
    assert sorted(change.to_member.short_name for change in changes) == ["Dana", "Dana", "Hye-jin", "Hye-jin"]
    assert {change.reason for change in changes} == {"handed over, rule: Turn"}


def test_hand_over_refuses_oneself_and_those_who_own_no_leads(coordinator, receptionist, owner):
    with pytest.raises(HandedToThemselves):
        hand_over(coordinator, coordinator, by=owner)
    with pytest.raises(NotACoordinator):
        hand_over(coordinator, receptionist, by=owner)


def test_hand_over_of_somebody_who_leaves_lets_them_in_no_more(coordinator, dana, owner):
    LeadFactory(assigned_to=coordinator)

    hand_over(coordinator, dana, by=owner, leaves=True)

    coordinator.refresh_from_db()
    assert not coordinator.is_active
    assert not what_is_open(coordinator).is_anything


def test_who_leaves_without_handing_over_leaves_nobody_without_coordinator(clinic, coordinator, dana, owner):
    lead = LeadFactory(assigned_to=coordinator)
    task = LeadTaskFactory(lead=lead, assigned_to=coordinator)
    deactivate_member(coordinator, by=owner)

    settle_leaver(clinic, coordinator)

    task.refresh_from_db()
    assert AssignmentChange.objects.of_lead(lead).get().to_member == task.assigned_to == dana


@pytest.mark.parametrize("owned_by", ["nobody", "receptionist", "left"])
def test_the_nightly_check_finds_and_mends_every_lead_without_coordinator(clinic, dana, owner, receptionist, owned_by):
    left = member_of(Role.TREATMENT_COORDINATOR, "Lee")
    left.is_active = False
    left.save()
    lead = LeadFactory(assigned_to={"nobody": None, "receptionist": receptionist, "left": left}[owned_by])
    LeadFactory(assigned_to=dana)

    assert mend_ownerless_leads(clinic) == 1

    lead.refresh_from_db()
    assert lead.assigned_to == dana
    assert AssignmentChange.objects.of_lead(lead).get().by is SYSTEM
    assert StaffNotification.objects.get(member=owner).text == "1 open lead had no coordinator and got one."
    assert mend_ownerless_leads(clinic) == 0


def test_the_nightly_check_tells_the_admin_where_nobody_can_take_a_lead(clinic, owner):
    away(owner)
    lead = LeadFactory(assigned_to=None)

    mend_ownerless_leads(clinic)

    lead.refresh_from_db()
    assert lead.assigned_to == owner  # away, and still the only one: better theirs than nobody's
    assert not ownerless_leads().exists()


def test_what_is_open_again_goes_to_somebody_who_is_still_here(coordinator, dana, owner, stages):
    leads = [LeadFactory(assigned_to=coordinator) for _number in range(4)]
    reopened, unarchived, at_once, moved = leads
    change = move_lead(moved, stages["lost"], by=coordinator, lost_reason="OTHER")
    move_lead(reopened, stages["lost"], by=coordinator, lost_reason="OTHER")
    archive_lead(unarchived, by=coordinator)
    said = {"lost_reason": "OTHER", "lost_notes": ""}
    act = start_bulk(BulkAct.Kind.LOSE, Chosen((at_once.pk,)), said, by=coordinator)
    deactivate_member(coordinator, by=owner)

    reopen_lead(reopened, stages["contacted"], by=owner)
    unarchive_lead(unarchived, by=owner)
    undo_move(change, by=owner)
    undo_bulk(act, by=owner)

    for lead in leads:
        lead.refresh_from_db()
    assert [(lead.is_open, lead.assigned_to) for lead in leads] == [(True, dana)] * 4
    assert AssignmentChange.objects.of_lead(reopened).get().how == "MENDED"
