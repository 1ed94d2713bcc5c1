from datetime import timedelta

import pytest
from django.utils import timezone

from crm.finishing import finish_task, undo_complete_task
from crm.models import ActivityType, CallOutcome, TaskStatus, TaskType
from crm.tests.factories import LeadFactory, LeadTaskFactory


@pytest.fixture
def task(clinic, coordinator):
    return LeadTaskFactory(lead=LeadFactory(assigned_to=coordinator), type="CALL", assigned_to=coordinator)


def next_step():
    return {"type": TaskType.FOLLOW_UP, "title": "Follow up", "due_at": timezone.now() + timedelta(days=3)}


def test_a_call_that_was_to_be_made_is_logged_with_its_task_and_the_next_step(task, coordinator):
    done = finish_task(task, by=coordinator, outcome=CallOutcome.SPOKE, notes="Very keen.", next_step=next_step())

    assert done.status == TaskStatus.COMPLETED
    call = task.lead.activities.get(type=ActivityType.PHONE_CALL)
    assert (call.outcome, call.notes) == ("SPOKE", "Very keen.")
    assert task.lead.tasks.open().get().title == "Follow up"


def test_all_that_came_with_a_done_task_is_taken_back_with_it(task, coordinator):
    finish_task(task, by=coordinator, outcome=CallOutcome.SPOKE, next_step=next_step())
    undo_complete_task(task, by=coordinator)

    assert task.lead.tasks.get().status == TaskStatus.PENDING
    assert not task.lead.activities.exists()
    task.lead.refresh_from_db()
    assert task.lead.first_contacted_at is None


def test_a_task_without_a_call_keeps_what_was_said(task, coordinator):
    finish_task(task, by=coordinator, notes="Sent by post.", next_step=next_step())

    assert task.lead.activities.get().notes == "Sent by post."
    undo_complete_task(task, by=coordinator)
    assert task.lead.tasks.get() == task


def test_a_task_done_twice_is_done_once(task, coordinator):
    for _press in range(2):
        finish_task(task, by=coordinator, outcome=CallOutcome.NO_ANSWER, next_step=next_step(), key="k")

    assert task.lead.activities.filter(type=ActivityType.PHONE_CALL).count() == 1
    assert task.lead.tasks.open().count() == 1
