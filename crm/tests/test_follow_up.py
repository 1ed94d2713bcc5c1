from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.models import StaffNotification
from conftest import last_audit
from crm.finishing import complete_task
from crm.follow_up import cancel_task, change_task, snooze_task, undo_task_change
from crm.models import LeadTask, TaskStatus
from crm.rules import DueInThePast, NothingToUndo, TaskIsClosed, UndoTooLate
from crm.tests.factories import LeadFactory, LeadTaskFactory


@pytest.fixture
def task(clinic, coordinator):
    return LeadTaskFactory(lead=LeadFactory(assigned_to=coordinator), assigned_to=coordinator)


def in_days(days):
    return timezone.now() + timedelta(days=days)


def test_a_task_is_put_off_and_taken_back(task, coordinator):
    before = task.due_at
    later = in_days(3)
    snoozed = snooze_task(task, until=later, by=coordinator)

    assert (snoozed.due_at, last_audit(task.lead).action) == (later, "crm.task.snoozed")
    assert undo_task_change(snoozed, snoozed.change, by=coordinator).due_at == before
    assert last_audit(task.lead).action == "crm.task.change_undone"


def test_a_task_is_reworded_and_given_to_somebody_who_is_told(task, coordinator, owner):
    changed = change_task(task, {"title": "Send the plan", "assigned_to": owner}, by=coordinator)

    assert (changed.title, changed.assigned_to) == ("Send the plan", owner)
    assert StaffNotification.objects.of(owner).get().url == task.lead.get_absolute_url()

    undone = undo_task_change(changed, changed.change, by=coordinator)
    assert (undone.title, undone.assigned_to) == ("Call back", coordinator)


def test_a_dropped_task_is_not_open_until_it_is_taken_back(task, coordinator):
    dropped = cancel_task(task, by=coordinator)
    assert (dropped.status, LeadTask.objects.open().count()) == (TaskStatus.CANCELLED, 0)

    undo_task_change(dropped, dropped.change, by=coordinator)
    assert LeadTask.objects.open().get() == task


def test_nothing_changed_is_nothing_on_record(task, coordinator):
    assert change_task(task, {"title": task.title}, by=coordinator).change is None
    assert last_audit(task.lead) is None


def test_a_task_is_not_put_off_into_the_past(task, coordinator):
    with pytest.raises(DueInThePast):
        snooze_task(task, until=in_days(-1), by=coordinator)


def test_a_finished_task_is_not_changed(task, coordinator):
    complete_task(task, by=coordinator)

    with pytest.raises(TaskIsClosed):
        snooze_task(task, until=in_days(1), by=coordinator)


def test_a_change_is_not_taken_back_over_a_newer_one(task, coordinator):
    first = snooze_task(task, until=in_days(1), by=coordinator)
    snooze_task(task, until=in_days(2), by=coordinator)

    with pytest.raises(NothingToUndo):
        undo_task_change(task, first.change, by=coordinator)


def test_a_change_is_taken_back_within_a_quarter_of_an_hour(task, coordinator, time_machine):
    snoozed = snooze_task(task, until=in_days(1), by=coordinator)
    time_machine.move_to(timezone.now() + timedelta(minutes=16))

    with pytest.raises(UndoTooLate):
        undo_task_change(snoozed, snoozed.change, by=coordinator)
