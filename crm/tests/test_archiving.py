import pytest

from clinics.models import AuditLog
from crm.archiving import archive_lead, unarchive_lead
from crm.models import Lead, LeadStatus, LeadTask, TaskStatus
from crm.pipeline import move_lead
from crm.rules import LeadIsArchived, LeadIsLocked
from crm.tests.factories import LeadFactory, LeadTaskFactory


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(assigned_to=coordinator)


def test_an_archived_lead_leaves_the_board_and_is_on_record(coordinator, lead):
    archived = archive_lead(lead, by=coordinator)

    assert (archived.status, archived.archived_at is not None) == (LeadStatus.ARCHIVED, True)
    assert not Lead.objects.on_board().exists()
    assert AuditLog.objects.about(lead).first().action == "crm.lead.archived"


def test_archiving_twice_is_archiving_once(coordinator, lead):
    first = archive_lead(lead, by=coordinator)
    second = archive_lead(lead, by=coordinator)

    assert (second.archived_at, second.version) == (first.archived_at, first.version)


@pytest.mark.parametrize(("stage", "status"), [(None, "NEW"), ("contacted", "ACTIVE"), ("lost", "LOST")])
def test_a_lead_comes_out_of_the_archive_as_it_went_in(coordinator, lead, stages, stage, status):
    if stage:
        move_lead(lead, stages[stage], by=coordinator, lost_reason="OTHER" if stage == "lost" else "")
    archive_lead(lead, by=coordinator)
    back = unarchive_lead(lead, by=coordinator)

    assert (back.status, back.archived_at) == (status, None)


def test_an_archived_lead_is_not_moved(coordinator, lead, stages):
    archive_lead(lead, by=coordinator)

    with pytest.raises(LeadIsArchived):
        move_lead(lead, stages["contacted"], by=coordinator)


def test_a_converted_lead_is_not_archived(owner, lead, stages):
    move_lead(lead, stages["treatment_started"], by=owner)

    with pytest.raises(LeadIsLocked):
        archive_lead(lead, by=owner)


def test_what_is_to_be_done_goes_into_the_archive_and_comes_out_again(coordinator, lead):
    call, given_up, done = (LeadTaskFactory(lead=lead, title=title) for title in ("Call", "Write", "Sent"))
    LeadTask.objects.filter(pk=given_up.pk).update(status=TaskStatus.CANCELLED)
    LeadTask.objects.filter(pk=done.pk).update(status=TaskStatus.COMPLETED)

    archive_lead(lead, by=coordinator)
    assert not lead.tasks.open().exists()
    unarchive_lead(lead, by=coordinator)

    assert [lead.tasks.get(pk=task.pk).status for task in (call, given_up, done)] == [
        "PENDING",
        "CANCELLED",
        "COMPLETED",
    ]
