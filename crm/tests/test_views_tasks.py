import json

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.follow_up import snooze_task
from crm.tests.factories import LeadFactory, LeadTaskFactory


@pytest.fixture
def task(clinic, coordinator):
    return LeadTaskFactory(lead=LeadFactory(assigned_to=coordinator), assigned_to=coordinator)


def at(name, task, *args):
    return reverse(f"crm:{name}", args=[task.lead_id, task.pk, *args])


def undo_of(response):
    return json.loads(response["HX-Trigger"])["toast"][0]["undo"]


def test_a_task_is_put_off_from_its_row_and_undone_from_the_toast(htmx_of, coordinator, task):
    page = htmx_of(coordinator)
    before = task.due_at

    response = page.post(at("lead_task_snooze", task), {"when": "week"})
    task.refresh_from_db()
    assert task.due_at > timezone.now()

    page.post(undo_of(response))
    task.refresh_from_db()
    assert task.due_at == before


def test_a_task_put_off_without_script_goes_back_to_the_lead(client_of, coordinator, task):
    response = client_of(coordinator).post(at("lead_task_snooze", task), {"when": "tomorrow"})

    assert (response.status_code, response["Location"]) == (302, task.lead.get_absolute_url())


def test_a_task_put_off_until_nonsense_is_refused(htmx_of, coordinator, task):
    assert htmx_of(coordinator).post(at("lead_task_snooze", task), {"when": "yesterday"}).status_code == 422


def test_a_task_is_dropped_and_undone(htmx_of, coordinator, task):
    page = htmx_of(coordinator)
    response = page.post(at("lead_task_cancel", task))
    assert not task.lead.tasks.open().exists()

    page.post(undo_of(response))
    assert task.lead.tasks.open().exists()


def test_the_dialog_of_an_overdue_task_is_saved_without_a_new_moment(htmx_of, coordinator, owner, task):
    page = htmx_of(coordinator)
    shown = page.get(at("lead_task_edit", task)).content.decode()
    assert "<html" not in shown and task.title in shown

    moment = timezone.localtime(task.due_at).strftime("%Y-%m-%dT%H:%M")
    sent = {"title": "Send the plan", "when": "chosen", "chosen_at": moment, "owner": owner.pk, "priority": "HIGH"}
    response = page.post(at("lead_task_edit", task), sent)

    task.refresh_from_db()
    assert (response.status_code, task.title, task.assigned_to, task.priority) == (200, "Send the plan", owner, "HIGH")


def test_the_dialog_of_a_task_refuses_the_past(htmx_of, coordinator, task):
    sent = {"title": "Send the plan", "when": "chosen", "chosen_at": "2020-01-01T09:00"}

    response = htmx_of(coordinator).post(at("lead_task_edit", task), sent)

    assert response.status_code == 422
    assert "Send the plan" in response.content.decode()


def test_tasks_are_changed_by_who_may_and_found_in_their_clinic(client_of, viewer, stranger, coordinator, task):
    change = snooze_task(task, until=timezone.now() + timezone.timedelta(days=1), by=coordinator).change
    addresses = [at(name, task) for name in ("lead_task_edit", "lead_task_snooze", "lead_task_cancel")]
    addresses.append(at("lead_task_change_undo", task, change.pk))

    assert {client_of(viewer).post(address).status_code for address in addresses} == {403}
    assert {client_of(stranger).post(address).status_code for address in addresses} == {404}
