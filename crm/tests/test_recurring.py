from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.finishing import complete_task, undo_complete_task
from crm.models import LeadTask, Recurrence
from crm.pipeline import move_lead
from crm.recurring import next_moment
from crm.tests.factories import LeadFactory, LeadTaskFactory

CHICAGO = ZoneInfo("America/Chicago")


def at(*parts):
    return datetime(*parts, tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("recurrence", "due_at", "now", "expected"),
    [
        (Recurrence.DAILY, at(2026, 3, 7, 9), at(2026, 3, 7, 10), at(2026, 3, 8, 9)),  # summer time begins
        (Recurrence.DAILY, at(2026, 3, 7, 9), at(2026, 3, 20, 8), at(2026, 3, 20, 9)),  # what was missed is passed over
        (Recurrence.DAILY, at(2026, 3, 9, 9), at(2026, 3, 5, 9), at(2026, 3, 10, 9)),  # done ahead of its time
        (Recurrence.WEEKDAYS, at(2026, 11, 27, 9), at(2026, 11, 27, 9), at(2026, 11, 30, 9)),
        (Recurrence.FORTNIGHTLY, at(2026, 11, 2, 9), at(2026, 11, 2, 9), at(2026, 11, 16, 9)),
        (Recurrence.MONTHLY, at(2026, 1, 31, 9), at(2026, 1, 31, 9), at(2026, 2, 28, 9)),
        (Recurrence.MONTHLY, at(2026, 1, 31, 9), at(2026, 3, 1, 9), at(2026, 3, 31, 9)),
    ],
)
def test_a_series_goes_on_at_the_same_hour(recurrence, due_at, now, expected):
    assert next_moment(recurrence, due_at, now) == expected


@settings(max_examples=50)
@given(
    recurrence=st.sampled_from([kind for kind in Recurrence if kind]),
    due_at=st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2029, 1, 1), timezones=st.just(CHICAGO)),
    late=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)),
)
def test_the_next_of_a_series_lies_ahead(recurrence, due_at, late):
    following = next_moment(recurrence, due_at, due_at + late)

    assert following > due_at + late
    assert following.time() == due_at.time()


def test_a_done_task_of_a_series_sets_the_next_one_once(clinic, coordinator):
    due_at = timezone.now() - timedelta(hours=1)
    task = LeadTaskFactory(recurrence="WEEKLY", assigned_to=coordinator, due_at=due_at, reminder_at=due_at)
    complete_task(task, by=coordinator)
    complete_task(task, by=coordinator)

    following = LeadTask.objects.open().get()
    assert (following.title, following.assigned_to, following.recurrence) == (task.title, coordinator, "WEEKLY")
    assert following.reminder_at == following.due_at
    undo_complete_task(task, by=coordinator)
    assert LeadTask.objects.open().get() == task


def test_a_series_ends_with_its_lead(clinic, coordinator, stages):
    task = LeadTaskFactory(lead=LeadFactory(assigned_to=coordinator), recurrence="DAILY")
    move_lead(task.lead, stages["lost"], by=coordinator, lost_reason="RELOCATED")
    complete_task(task, by=coordinator)

    assert not task.lead.tasks.open().exists()
