from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import last_audit
from crm.activities import (
    add_note,
    add_task,
    log_activity,
    log_call,
    undo_activity,
)
from crm.finishing import complete_task, undo_complete_task
from crm.models import ActivityType, CallOutcome, Direction, LeadActivity, LeadStatus, LeadTask, TaskStatus
from crm.pipeline import UNDO_WITHIN, move_lead
from crm.rules import LeadIsLocked, NotToBeUndone, UndoTooLate
from crm.tests.factories import LeadActivityFactory, LeadFactory, LeadTaskFactory

TOMORROW = timedelta(days=1)


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(assigned_to=coordinator)


def test_log_call_stops_the_clock_once(lead, coordinator):
    first = log_call(lead, by=coordinator, outcome=CallOutcome.NO_ANSWER)
    log_call(lead, by=coordinator, outcome=CallOutcome.SPOKE)

    lead.refresh_from_db()
    assert (lead.first_contacted_at, lead.status) == (first.occurred_at, LeadStatus.ACTIVE)
    assert last_audit(lead).action == "crm.lead.activity_logged"


def test_log_activity_by_nobody_leaves_the_clock_running(lead):
    log_activity(lead, ActivityType.SMS, by=None, direction=Direction.OUTBOUND)

    lead.refresh_from_db()
    assert lead.first_contacted_at is None


def test_log_activity_that_came_in_leaves_the_clock_running(lead, coordinator):
    log_activity(lead, ActivityType.PHONE_CALL, by=coordinator, direction=Direction.INBOUND)

    lead.refresh_from_db()
    assert lead.first_contacted_at is None


def test_log_call_with_the_same_key_logs_it_once(lead, coordinator):
    step = {"title": "Call again", "due_at": timezone.now() + TOMORROW}
    first = log_call(lead, by=coordinator, outcome=CallOutcome.SPOKE, key="k", next_step=step)
    again = log_call(lead, by=coordinator, outcome=CallOutcome.SPOKE, key="k", next_step=step)

    assert first == again
    assert (LeadActivity.objects.count(), LeadTask.objects.count()) == (1, 1)


def test_a_key_is_of_one_lead_only(lead, coordinator):
    other = LeadFactory(assigned_to=coordinator)

    assert add_note(lead, "Here", by=coordinator, key="k") != add_note(other, "There", by=coordinator, key="k")


def test_undo_activity_takes_the_next_step_and_the_clock_back(lead, coordinator):
    step = {"title": "Call again", "due_at": timezone.now() + TOMORROW}
    call = log_call(lead, by=coordinator, outcome=CallOutcome.SPOKE, next_step=step)

    undo_activity(call, by=coordinator)

    lead.refresh_from_db()
    assert (lead.first_contacted_at, lead.status) == (None, LeadStatus.NEW)
    assert (lead.activities.count(), lead.tasks.count()) == (0, 0)
    assert last_audit(lead).action == "crm.lead.activity_undone"


def test_undo_activity_falls_back_to_the_next_contact(lead, coordinator):
    first = log_call(lead, by=coordinator, outcome=CallOutcome.NO_ANSWER)
    second = log_call(lead, by=coordinator, outcome=CallOutcome.SPOKE)

    undo_activity(first, by=coordinator)

    lead.refresh_from_db()
    assert (lead.first_contacted_at, lead.status) == (second.occurred_at, LeadStatus.ACTIVE)


def test_undo_activity_leaves_what_happened_by_itself(lead, stages, coordinator):
    move_lead(lead, stages["contacted"], by=coordinator)

    with pytest.raises(NotToBeUndone):
        undo_activity(lead.activities.get(), by=coordinator)


def test_undo_activity_refuses_after_a_quarter_of_an_hour(lead, coordinator, time_machine):
    note = add_note(lead, "Asked", by=coordinator)
    time_machine.move_to(timezone.now() + UNDO_WITHIN * 2)

    with pytest.raises(UndoTooLate):
        undo_activity(note, by=coordinator)


def test_a_locked_lead_takes_no_more(lead, stages, owner):
    move_lead(lead, stages["treatment_started"], by=owner)
    note = LeadActivityFactory(lead=lead)

    for verb in [
        lambda: add_note(lead, "More", by=owner),
        lambda: add_task(lead, by=owner, title="More", due_at=timezone.now()),
        lambda: undo_activity(note, by=owner),
    ]:
        with pytest.raises(LeadIsLocked):
            verb()


def test_add_task_goes_to_the_coordinator_of_the_lead(lead, coordinator, receptionist):
    task = add_task(lead, by=receptionist, title="Call", due_at=timezone.now() + TOMORROW)

    assert task.assigned_to == coordinator
    assert last_audit(lead).action == "crm.task.created"


def test_complete_task_twice_is_completing_once(lead, coordinator):
    task = LeadTaskFactory(lead=lead)

    complete_task(task, by=coordinator)
    complete_task(task, by=coordinator)

    task.refresh_from_db()
    assert (task.status, task.completed_by) == (TaskStatus.COMPLETED, coordinator)
    assert lead.activities.get().payload["title"] == task.title


def test_complete_task_ticks_off_what_a_converted_lead_left_open(lead, stages, owner):
    task = LeadTaskFactory(lead=lead)
    move_lead(lead, stages["treatment_started"], by=owner)

    assert complete_task(task, by=owner).status == TaskStatus.COMPLETED


def test_undo_complete_task_opens_it_again(lead, coordinator):
    task = complete_task(LeadTaskFactory(lead=lead), by=coordinator)

    undo_complete_task(task, by=coordinator)

    task.refresh_from_db()
    assert (task.status, task.completed_at, lead.activities.count()) == (TaskStatus.PENDING, None, 0)


def test_undo_complete_task_refuses_after_a_quarter_of_an_hour(lead, coordinator, time_machine):
    task = complete_task(LeadTaskFactory(lead=lead), by=coordinator)
    time_machine.move_to(timezone.now() + UNDO_WITHIN * 2)

    with pytest.raises(UndoTooLate):
        undo_complete_task(task, by=coordinator)
