import pytest
from django.utils import timezone

from clinics.models import StaffNotification
from conftest import last_audit
from crm.assignment.giving import assign_lead, undo_assignment
from crm.models import AssignmentChange
from crm.pipeline import UNDO_WITHIN
from crm.rules import NotACoordinator, NothingToUndo, UndoTooLate
from crm.tests.factories import LeadFactory


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(assigned_to=coordinator, first_name="Ana")


def test_assign_lead_keeps_why_and_an_undo_takes_it_off_the_history(lead, coordinator, owner):
    assignment = assign_lead(lead, owner, by=owner).assignment

    change = AssignmentChange.objects.of_lead(lead).get()
    assert (change.pk, change.from_member, change.to_member) == (assignment.pk, coordinator, owner)
    assert change.reason == "given by hand"

    undo_assignment(assignment, by=owner)

    assert not AssignmentChange.objects.of_lead(lead).standing().exists()


def test_assign_lead_tells_the_new_coordinator(lead, coordinator, owner):
    assigned = assign_lead(lead, owner, by=coordinator)

    assert assigned.assigned_to == owner
    assert StaffNotification.objects.get().member == owner
    assert last_audit(lead).action == "crm.lead.assigned"


def test_assign_lead_refuses_the_front_desk(lead, receptionist, owner):
    with pytest.raises(NotACoordinator):
        assign_lead(lead, receptionist, by=owner)


def test_undo_assignment_gives_it_back(lead, coordinator, owner):
    assignment = assign_lead(lead, owner, by=owner).assignment

    undone = undo_assignment(assignment, by=owner)

    assert undone.assigned_to == coordinator
    assert lead.activities.count() == 0


def test_undo_assignment_refuses_once_it_went_on(lead, coordinator, owner):
    assignment = assign_lead(lead, owner, by=owner).assignment
    assign_lead(lead, coordinator, by=owner)

    with pytest.raises(NothingToUndo):
        undo_assignment(assignment, by=owner)


def test_undo_assignment_never_leaves_a_lead_without_coordinator(clinic, owner):
    assignment = assign_lead(LeadFactory(assigned_to=None), owner, by=owner).assignment

    with pytest.raises(NothingToUndo):
        undo_assignment(assignment, by=owner)


def test_undo_assignment_refuses_after_a_quarter_of_an_hour(lead, owner, time_machine):
    assignment = assign_lead(lead, owner, by=owner).assignment
    time_machine.move_to(timezone.now() + UNDO_WITHIN * 2)

    with pytest.raises(UndoTooLate):
        undo_assignment(assignment, by=owner)
