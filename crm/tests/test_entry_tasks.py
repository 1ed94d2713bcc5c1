from datetime import timedelta

import pytest
from django.utils import timezone

from crm.bulk import Chosen, start_bulk, undo_bulk
from crm.intake import capture_lead
from crm.models import BulkAct, LeadSubmission, LeadTask, TaskStatus, TaskTemplate
from crm.pipeline import move_lead, reopen_lead, undo_move
from crm.tests.factories import LeadFactory, LeadTaskFactory


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(assigned_to=coordinator)


def test_a_move_sets_the_task_of_the_stage_for_the_coordinator(lead, stages, owner, coordinator):
    move_lead(lead, stages["consultation_scheduled"], by=owner)

    task = LeadTask.objects.get(lead=lead)
    template = stages["consultation_scheduled"].auto_task_template
    assert (task.title, task.type, task.assigned_to) == (template.title, template.type, coordinator)
    assert abs(task.due_at - timezone.now() - timedelta(minutes=template.due_after_minutes)) < timedelta(minutes=1)


def test_a_stage_without_a_task_sets_none(lead, stages, owner):
    move_lead(lead, stages["contacted"], by=owner)

    assert not LeadTask.objects.exists()


def test_a_template_that_is_no_longer_in_use_sets_none(lead, stages, owner):
    TaskTemplate.objects.update(is_active=False)

    move_lead(lead, stages["consultation_scheduled"], by=owner)

    assert not LeadTask.objects.exists()


def test_a_new_lead_has_its_first_call_to_make(clinic, stages, owner):
    lead = capture_lead(
        clinic, {"first_name": "Ada", "phone": "3125550131"}, by=owner, channel=LeadSubmission.Channel.STAFF
    )

    assert [task.title for task in lead.tasks.all()] == [stages["new_lead"].auto_task_template.title]


def test_a_reopened_lead_has_its_task_once_however_often_it_was_lost(lead, stages, owner):
    move_lead(lead, stages["lost"], by=owner, lost_reason="OTHER")
    reopen_lead(lead, stages["pending_decision"], by=owner)
    move_lead(lead, stages["lost"], by=owner, lost_reason="OTHER")
    reopen_lead(lead, stages["pending_decision"], by=owner)

    assert lead.tasks.open().count() == 1


def test_undoing_the_move_takes_the_task_back_unless_it_was_begun(lead, stages, owner):
    change = move_lead(lead, stages["consultation_scheduled"], by=owner)
    undo_move(change, by=owner)
    assert lead.tasks.count() == 0

    again = move_lead(lead, stages["consultation_scheduled"], by=owner)
    lead.tasks.update(status=TaskStatus.IN_PROGRESS)
    undo_move(again, by=owner)

    assert lead.tasks.count() == 1


def test_what_is_to_be_done_goes_with_a_loss_and_comes_back_with_it(lead, stages, owner):
    call, changed, done = (LeadTaskFactory(lead=lead, title=title) for title in ("Call", "Write", "Sent"))
    LeadTask.objects.filter(pk=done.pk).update(status=TaskStatus.COMPLETED)

    change = move_lead(lead, stages["lost"], by=owner, lost_reason="OTHER")
    assert not lead.tasks.open().exists()
    LeadTask.objects.filter(pk=changed.pk).update(status=TaskStatus.COMPLETED)
    undo_move(change, by=owner)

    assert [lead.tasks.get(pk=task.pk).status for task in (call, changed, done)] == [
        "PENDING",
        "COMPLETED",
        "COMPLETED",
    ]


def test_what_is_to_be_done_goes_with_leads_that_are_lost_together(lead, stages, owner):
    LeadTaskFactory(lead=lead)
    act = start_bulk(BulkAct.Kind.LOSE, Chosen((lead.pk,)), {"lost_reason": "OTHER", "lost_notes": ""}, by=owner)
    assert not lead.tasks.open().exists()

    undo_bulk(act, by=owner)
    assert lead.tasks.open().count() == 1
