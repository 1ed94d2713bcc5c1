from datetime import timedelta

import pytest
from django.utils import timezone

from crm.models import ActivityType, LostReason
from crm.pipeline import move_lead
from crm.tests.factories import LeadActivityFactory, LeadFactory
from crm.timeline import PAGE_SIZE, Step, read_timeline, stage_path


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(assigned_to=coordinator)


def states(lead, stages):
    lead.refresh_from_db()
    changes = lead.stage_changes.standing().order_by("changed_at")
    return {step.stage.slug: step.state for step in stage_path(lead, list(stages.values()), changes)}


def test_stage_path_tells_done_skipped_current_and_ahead(lead, stages, coordinator):
    move_lead(lead, stages["consultation_scheduled"], by=coordinator)

    path = states(lead, stages)
    assert path == {
        "new_lead": "done",
        "contacted": "skipped",
        "consultation_scheduled": "current",
        "consultation_completed": "ahead",
        "pending_decision": "ahead",
        "treatment_accepted": "ahead",
        "treatment_started": "ahead",
    }


def test_stage_path_of_a_lost_lead_ends_where_it_was_lost(lead, stages, coordinator):
    move_lead(lead, stages["contacted"], by=coordinator)
    move_lead(lead, stages["lost"], by=coordinator, lost_reason=LostReason.OTHER)

    path = states(lead, stages)
    assert (path["contacted"], path["consultation_scheduled"], path["lost"]) == ("done", "ahead", "current")


def test_read_timeline_counts_and_filters_by_kind(lead):
    LeadActivityFactory(lead=lead, type=ActivityType.NOTE)
    LeadActivityFactory(lead=lead, type=ActivityType.PHONE_CALL)

    timeline = read_timeline(lead, kind="calls")
    assert [entry.activity.type for entry in timeline.entries] == [ActivityType.PHONE_CALL]
    assert [(kind, number) for kind, _words, number in timeline.counts] == [("", 2), ("calls", 1), ("notes", 1)]


@pytest.mark.parametrize("kind", ["", "nothing-known"])
def test_read_timeline_pages_back_without_a_gap(lead, kind):
    now = timezone.now()
    for minutes in range(PAGE_SIZE + 3):
        LeadActivityFactory(lead=lead, occurred_at=now - timedelta(minutes=minutes // 2))

    first = read_timeline(lead, kind=kind)
    rest = read_timeline(lead, kind=kind, after=first.older)

    ids = [entry.activity.pk for entry in [*first.entries, *rest.entries]]
    assert (len(first.entries), len(rest.entries), rest.older) == (PAGE_SIZE, 3, "")
    assert len(set(ids)) == PAGE_SIZE + 3


def test_read_timeline_from_an_id_that_is_none_begins_at_the_top(lead):
    LeadActivityFactory(lead=lead)

    assert len(read_timeline(lead, after="nonsense").entries) == 1


def test_read_timeline_names_each_day_once(lead):
    now = timezone.now()
    for days in (0, 0, 2):
        LeadActivityFactory(lead=lead, occurred_at=now - timedelta(days=days))

    assert [entry.starts_day for entry in read_timeline(lead).entries] == [True, False, True]


def test_the_timeline_finds_words_in_notes_tasks_and_documents(lead):
    LeadActivityFactory(lead=lead, notes="Asked about Saturdays")
    LeadActivityFactory(lead=lead, type=ActivityType.DOCUMENT_ADDED, notes="", payload={"name": "Saturday plan.pdf"})
    LeadActivityFactory(lead=lead, notes="Has a dog")

    found = read_timeline(lead, text="saturday")

    assert (found.total, len(found.entries)) == (2, 2)


def test_a_stage_says_how_long_a_lead_stood_in_it():
    noon = timezone.now()
    step = Step(None, "done", entered_at=noon, left_at=noon + timedelta(hours=3))

    assert step.stayed == timedelta(hours=3)
    assert Step(None, "current", entered_at=noon).stayed is None
