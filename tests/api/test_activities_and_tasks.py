"""What happened with a lead and what is to be done about it, by the API."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conftest import last_audit
from crm.activities import add_note
from crm.models import LeadActivity, LeadStatus, LeadTask
from crm.pipeline import move_lead
from crm.tests.factories import LeadFactory, LeadTaskFactory

TOMORROW = timezone.now() + timedelta(days=1)


def fields(answer):
    assert answer.status_code == 422, answer.content
    return [error["field"] for error in answer.json()["errors"]]


def test_a_call_is_logged_and_stops_the_clock(program, coordinator):
    lead = LeadFactory()
    call = {
        "type": "PHONE_CALL",
        "direction": "OUTBOUND",
        "outcome": "SPOKE",
        "notes": "Wants braces",
        "duration_minutes": 4,
    }

    answer = program.send("POST", f"/api/leads/{lead.pk}/activities", call)

    lead.refresh_from_db()
    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in call} == call
    assert answer.json()["created_by"]["id"] == str(coordinator.pk)
    assert (lead.status, lead.first_contacted_at is not None) == (LeadStatus.ACTIVE, True)


@pytest.mark.parametrize(
    "sent",
    [
        {"type": "PHONE_CALL"},
        {"type": "NOTE"},
        {"type": "STAGE_CHANGE", "notes": "I moved it"},
        {"type": "NOTE", "notes": "x", "occurred_at": "2999-01-01T00:00:00Z"},
        {"type": "NOTE", "notes": "x", "occurred_at": "2026-01-01T00:00:00"},
        {"type": "NOTE", "notes": "x", "occurred_at": "0001-01-01T00:00:00+14:00"},
        {"type": "NOTE", "notes": "x", "duration_minutes": -1},
    ],
)
def test_an_activity_that_cannot_be_is_refused(program, sent):
    lead = LeadFactory()

    assert fields(program.send("POST", f"/api/leads/{lead.pk}/activities", sent))
    assert LeadActivity.objects.count() == 0


def test_the_timeline_tells_of_moves_with_their_stages(program, coordinator, stages):
    lead = LeadFactory()
    add_note(lead, "Has a dog", by=coordinator)
    move_lead(lead, stages["contacted"], by=coordinator)

    move, note = program.send("GET", f"/api/leads/{lead.pk}/activities").json()["items"]

    assert (move["previous_stage"], move["new_stage"], note["notes"]) == ("New Lead", "Contacted", "Has a dog")
    assert last_audit(lead).action == "crm.lead.viewed"


def test_a_converted_lead_takes_no_more_activities(program, stages):
    lead = LeadFactory(status=LeadStatus.CONVERTED, converted_at=timezone.now(), stage=stages["treatment_started"])

    answer = program.send("POST", f"/api/leads/{lead.pk}/activities", {"type": "NOTE", "notes": "x"})

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:recare:problem:lead-is-locked")


def test_a_task_is_set_for_the_coordinator_and_ticked_off_once(program, coordinator):
    lead = LeadFactory(assigned_to=coordinator)

    task = program.send("POST", f"/api/leads/{lead.pk}/tasks", {"title": "Call back", "due_at": TOMORROW}).json()
    done = [program.send("POST", f"/api/leads/tasks/{task['id']}/complete").json() for _each in range(2)]

    assert (task["status"], task["lead"], task["assigned_to"]["id"]) == ("PENDING", str(lead.pk), str(coordinator.pk))
    assert [each["status"] for each in done] == ["COMPLETED", "COMPLETED"]
    assert done[0]["completed_by"]["id"] == str(coordinator.pk)
    assert LeadActivity.objects.filter(type="TASK_COMPLETED").count() == 1


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"title": ""}, "title"),
        ({"due_at": None}, "due_at"),
        ({"priority": "SOON"}, "priority"),
        ({"lead": "x"}, "lead"),
    ],
)
def test_a_task_that_cannot_be_is_refused(program, sent, field):
    whole = {"title": "Call back", "due_at": TOMORROW}

    assert fields(program.send("POST", f"/api/leads/{LeadFactory().pk}/tasks", whole | sent)) == [field]
    assert LeadTask.objects.count() == 0


def test_a_task_is_given_to_who_works_on_leads(program, viewer, receptionist):
    path, whole = f"/api/leads/{LeadFactory().pk}/tasks", {"title": "Call back", "due_at": TOMORROW}

    assert fields(program.send("POST", path, whole | {"assigned_to": viewer.pk})) == ["assigned_to"]
    assert program.send("POST", path, whole | {"assigned_to": receptionist.pk}).status_code == 201


def test_the_tasks_of_a_deleted_lead_are_not_found(program):
    task = LeadTaskFactory(lead=LeadFactory(deleted_at=timezone.now()))

    assert program.send("POST", f"/api/leads/tasks/{task.pk}/complete").status_code == 404


@pytest.mark.parametrize("what", ["activities", "tasks"])
def test_lists_of_a_lead_ask_the_same_number_of_queries_for_one_and_three_rows(program, coordinator, owner, what):
    lead = LeadFactory(assigned_to=coordinator)
    program.send("GET", f"/api/leads/{lead.pk}/{what}")
    counts = []
    for wanted in (1, 3):
        while (lead.activities if what == "activities" else lead.tasks).count() < wanted:
            add_note(lead, "Has a dog", by=owner)
            LeadTaskFactory(lead=lead, assigned_to=owner, completed_by=coordinator)
        with CaptureQueriesContext(connection) as queries:
            assert program.send("GET", f"/api/leads/{lead.pk}/{what}").json()["total"] == wanted
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_task_is_changed_where_it_was_sent_and_nowhere_else(program, coordinator, receptionist):
    task = LeadTaskFactory(lead=LeadFactory(), title="Call back", assigned_to=coordinator)
    sent = {
        "assigned_to": receptionist.pk,
        "due_at": TOMORROW,
        "description": "About the price",
        "status": "IN_PROGRESS",
    }

    said = program.send("PUT", f"/api/leads/tasks/{task.pk}", sent).json()

    task.refresh_from_db()
    assert (said["title"], said["status"], said["description"]) == ("Call back", "IN_PROGRESS", "About the price")
    assert (task.assigned_to, task.due_at) == (receptionist, TOMORROW)


def test_a_task_can_be_dropped_and_is_closed_then(program):
    path = f"/api/leads/tasks/{LeadTaskFactory(lead=LeadFactory()).pk}"

    assert program.send("PUT", path, {"status": "CANCELLED"}).json()["status"] == "CANCELLED"
    late = program.send("PUT", path, {"title": "Call after all"})
    assert (late.status_code, late.json()["type"]) == (409, "urn:recare:problem:task-is-closed")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"due_at": "2020-01-01T00:00:00Z"}, "due_at"),
        ({"status": "COMPLETED"}, "status"),
        ({"assigned_to": None}, "assigned_to"),
        ({"lead": "0190b5f2-0000-7000-8000-000000000000"}, "lead"),
    ],
)
def test_a_task_is_not_changed_into_what_it_cannot_be(program, sent, field):
    assert fields(program.send("PUT", f"/api/leads/tasks/{LeadTaskFactory(lead=LeadFactory()).pk}", sent)) == [field]


def test_a_task_that_changed_meanwhile_is_shown_as_it_stands(program):
    path = f"/api/leads/tasks/{LeadTaskFactory(lead=LeadFactory()).pk}"
    seen = program.send("PUT", path, {"title": "Call"})["ETag"]
    program.send("PUT", path, {"title": "Call twice"})

    late = program.send("PUT", path, {"title": "Write"}, **{"If-Match": seen})

    assert (late.status_code, late.json()["current"]["title"]) == (412, "Call twice")
