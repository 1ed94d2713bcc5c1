import json

import pytest
from django.urls import reverse

from crm.models import LeadActivity, LeadTask
from crm.pipeline import move_lead
from crm.tests.factories import LeadActivityFactory, LeadFactory

CALL = {"outcome": "SPOKE", "notes": "Wants the plan", "key": "k"}


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(assigned_to=coordinator)


def at(name, *args):
    return reverse(f"crm:{name}", args=[getattr(arg, "pk", arg) for arg in args])


def toast_of(response):
    return json.loads(response["HX-Trigger"])["toast"][0]


def test_lead_call_without_script_goes_back_to_the_lead(client_of, coordinator, lead):
    response = client_of(coordinator).post(at("lead_call", lead), CALL)

    assert (response.status_code, response["Location"]) == (302, lead.get_absolute_url())
    assert lead.activities.get().notes == "Wants the plan"


def test_lead_call_draws_the_parts_anew_and_offers_undo(htmx_of, coordinator, lead):
    response = htmx_of(coordinator).post(at("lead_call", lead), CALL)

    content = response.content.decode()
    assert "<html" not in content
    assert 'id="lead-log"' in content and 'id="lead-timeline"' in content
    assert toast_of(response)["undo"] == at("lead_activity_undo", lead, lead.activities.get())


def test_lead_call_sets_the_next_step_in_one_go(htmx_of, coordinator, lead):
    step = {"next_step": "CALL", "when": "tomorrow", "owner": coordinator.pk}
    htmx_of(coordinator).post(at("lead_call", lead), CALL | step)

    assert (lead.tasks.get().type, lead.tasks.get().assigned_to) == ("CALL", coordinator)


def test_lead_call_sent_twice_is_logged_once(htmx_of, coordinator, lead):
    for _press in range(2):
        htmx_of(coordinator).post(at("lead_call", lead), CALL | {"next_step": "CALL", "when": "week"})

    assert (lead.activities.count(), lead.tasks.count()) == (1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": ""},
        {"next_step": "CALL", "when": "chosen"},
        {"next_step": "CALL", "when": "chosen", "chosen_at": "2020-01-01T09:00"},
    ],
)
def test_lead_call_refuses_and_keeps_what_was_typed(htmx_of, coordinator, lead, wrong):
    response = htmx_of(coordinator).post(at("lead_call", lead), CALL | wrong)

    assert response.status_code == 422
    assert "Wants the plan" in response.content.decode()
    assert "lead-timeline" not in response.content.decode()
    assert lead.activities.count() == 0


def test_lead_call_refused_without_script_is_a_whole_page(client_of, coordinator, lead):
    response = client_of(coordinator).post(at("lead_call", lead), CALL | {"outcome": ""})

    assert response.status_code == 422
    assert "<html" in response.content.decode()


@pytest.mark.parametrize(
    ("view", "sent"),
    [
        ("lead_call", CALL),
        ("lead_note", {"text": "Wants the plan"}),
        ("lead_task_create", {"title": "Wants the plan", "when": "week"}),
    ],
)
def test_a_locked_lead_refuses_and_keeps_what_was_typed(htmx_of, owner, lead, stages, view, sent):
    move_lead(lead, stages["treatment_started"], by=owner)

    response = htmx_of(owner).post(at(view, lead), sent)

    assert response.status_code == 409
    assert "Wants the plan" in response.content.decode()
    assert "has become a patient" in response.content.decode()


@pytest.mark.parametrize("view", ["lead_call", "lead_note", "lead_task_create"])
def test_strangers_viewers_and_get_are_turned_away(client_of, stranger, viewer, coordinator, lead, view):
    assert client_of(stranger).post(at(view, lead), CALL).status_code == 404
    assert client_of(viewer).post(at(view, lead), CALL).status_code == 403
    assert client_of(coordinator).get(at(view, lead)).status_code == 405


def test_lead_note_is_added(htmx_of, receptionist, lead):
    response = htmx_of(receptionist).post(at("lead_note", lead), {"text": "Asked twice"})

    assert lead.activities.get().by == receptionist
    assert toast_of(response)["message"] == "Note added."


def test_lead_note_without_words_is_refused(htmx_of, coordinator, lead):
    assert htmx_of(coordinator).post(at("lead_note", lead), {"text": " "}).status_code == 422


def test_lead_activity_undo_takes_it_back(htmx_of, coordinator, lead):
    htmx_of(coordinator).post(at("lead_call", lead), CALL)
    response = htmx_of(coordinator).post(at("lead_activity_undo", lead, lead.activities.get()))

    assert response.status_code == 200
    assert lead.activities.count() == 0


def test_lead_activity_undo_of_another_lead_is_a_404(htmx_of, coordinator, lead):
    other = LeadActivityFactory(lead=LeadFactory())

    assert htmx_of(coordinator).post(at("lead_activity_undo", lead, other)).status_code == 404
    assert LeadActivity.objects.filter(pk=other.pk).exists()


def test_lead_activity_undo_of_history_is_refused_with_a_toast(htmx_of, coordinator, lead, stages):
    move_lead(lead, stages["contacted"], by=coordinator)

    response = htmx_of(coordinator).post(at("lead_activity_undo", lead, lead.activities.get()))
    assert (response.status_code, toast_of(response)["level"]) == (409, "error")


def test_lead_task_create_complete_and_undo(htmx_of, coordinator, lead):
    browser = htmx_of(coordinator)
    browser.post(at("lead_task_create", lead), {"title": "Ask for the X-ray", "when": "3d", "key": "k"})
    task = lead.tasks.get()

    done = browser.post(at("lead_task_complete", lead, task))
    assert (lead.tasks.open().count(), toast_of(done)["undo"]) == (0, at("lead_task_undo", lead, task))

    browser.post(at("lead_task_undo", lead, task))
    assert lead.tasks.open().count() == 1


def test_lead_task_create_without_a_title_is_refused(htmx_of, coordinator, lead):
    assert htmx_of(coordinator).post(at("lead_task_create", lead), {"when": "week"}).status_code == 422
    assert LeadTask.objects.count() == 0


@pytest.mark.parametrize("view", ["lead_task_complete", "lead_task_undo"])
def test_tasks_of_another_lead_are_a_404(client_of, coordinator, stranger, lead, view):
    task = LeadTask.objects.create(lead=LeadFactory(), title="Call", due_at=lead.captured_at)

    assert client_of(coordinator).post(at(view, lead, task)).status_code == 404
    assert client_of(stranger).post(at(view, task.lead, task)).status_code == 404


def test_a_call_logged_by_key_stays_open_for_its_words(htmx_of, coordinator, lead):
    page = htmx_of(coordinator)
    step = {"next_step": "CALL", "when": "tomorrow", "owner": coordinator.pk}
    response = page.post(at("lead_call", lead), {"outcome": "NO_ANSWER", "key": "k", "by_key": "1"} | step)

    call = lead.activities.get()
    assert at("lead_activity_edit", lead, call) in response.content.decode()

    sent = {"outcome": "NO_ANSWER", "notes": "Rang twice", "duration_minutes": "1", "next_step": ""}
    page.post(at("lead_activity_edit", lead, call), sent, HTTP_HX_TARGET="lead-log")
    call.refresh_from_db()
    assert (call.notes, call.duration_minutes, lead.tasks.count()) == ("Rang twice", 1, 0)


def test_a_note_is_corrected_in_its_dialog(htmx_of, coordinator, lead):
    note = LeadActivityFactory(lead=lead, by=coordinator)
    page = htmx_of(coordinator)

    assert note.notes in page.get(at("lead_activity_edit", lead, note)).content.decode()
    assert page.post(at("lead_activity_edit", lead, note), {"text": ""}).status_code == 422
    page.post(at("lead_activity_edit", lead, note), {"text": "Asked about Saturdays."})
    note.refresh_from_db()
    assert note.notes == "Asked about Saturdays."


def test_somebody_elses_note_is_not_corrected(htmx_of, receptionist, coordinator, lead):
    note = LeadActivityFactory(lead=lead, by=coordinator)

    response = htmx_of(receptionist).post(at("lead_activity_edit", lead, note), {"text": "Changed"})

    assert response.status_code == 409
    assert "Only who wrote this" in response.content.decode()
