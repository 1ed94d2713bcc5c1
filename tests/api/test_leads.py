"""Leads by the API: listed, read, added, changed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.models import AuditLog, Clinic
from conftest import last_audit
from crm.models import Lead, LeadSource, LeadStatus, LeadSubmission, LostReason, Opportunity
from crm.tests.factories import LeadFactory, TagFactory

SEEN = {"If-Match": '"1"'}


def errors(answer):
    assert answer.status_code == 422, answer.content
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


# List ------------------------------------------------------------------------------------------------


def test_the_list_is_paged_with_an_exact_total_and_links(program):
    for _each in range(3):
        LeadFactory()

    answer = program.send("GET", "/api/leads?limit=2&page=1&sort=name")

    said = answer.json()
    assert [said[name] for name in ("total", "page", "limit", "pages")] == [3, 1, 2, 2]
    assert len(said["items"]) == 2
    assert '<http://testserver/api/leads?limit=2&page=2&sort=name>; rel="next"' in answer["Link"]
    assert program.send("GET", "/api/leads?limit=2&page=9").json()["items"] == []


def test_the_list_takes_the_filters_of_the_page(program, coordinator):
    source = LeadSource.objects.first()
    mine = LeadFactory(assigned_to=coordinator, source=source, status=LeadStatus.ACTIVE)
    LeadFactory()

    found = program.send("GET", f"/api/leads?coordinator=me&source={source.pk}&status=ACTIVE").json()["items"]

    assert [lead["id"] for lead in found] == [str(mine.pk)]


def test_a_filter_takes_several_values_and_a_flag_is_on_or_off(program, coordinator, stages):
    early = LeadFactory(status=LeadStatus.NEW, assigned_to=coordinator)
    LeadFactory(status=LeadStatus.ACTIVE, stage=stages["contacted"])
    LeadFactory(status=LeadStatus.LOST, lost_reason=LostReason.OTHER, stage=stages["lost"])

    both = program.send("GET", "/api/leads?status=NEW&status=ACTIVE&created_after=2020-01-01").json()
    flagged = program.send("GET", "/api/leads?overdue=true").json()

    assert (both["total"], str(early.pk) in [lead["id"] for lead in both["items"]]) == (2, True)
    assert flagged["total"] == 0


@pytest.mark.parametrize(
    "asked", ["source=nobody", "status=ASLEEP", "limit=101", "page=0", "sort=colour", "overdue=perhaps"]
)
def test_the_list_refuses_what_no_filter_knows(program, asked):
    assert list(errors(program.send("GET", f"/api/leads?{asked}"))) == [asked.partition("=")[0]]


def test_the_list_asks_the_same_number_of_queries_for_one_and_three_leads(program):
    program.send("GET", "/api/leads")  # notes the use of the token
    counts = []
    for wanted in (1, 3):
        while Lead.objects.count() < wanted:
            LeadFactory()
        with CaptureQueriesContext(connection) as queries:
            assert len(program.send("GET", "/api/leads").json()["items"]) == wanted
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_reading_a_list_is_on_record(program):
    LeadFactory()

    program.send("GET", "/api/leads?q=lead")

    entry = AuditLog.objects.filter(action="crm.lead.listed").get()
    assert (entry.metadata["count"], entry.metadata["filters"]) == (1, {"q": "•••"})


# One lead --------------------------------------------------------------------------------------------


def test_a_lead_is_shown_whole_and_that_it_was_read_is_on_record(program, coordinator):
    lead = LeadFactory(insurance_member_id="M-77", notes="Crowded teeth", assigned_to=coordinator)
    lead.tag_links.create(tag=TagFactory(name="Summer"))

    answer = program.send("GET", f"/api/leads/{lead.pk}")

    said = answer.json()
    assert (answer["ETag"], said["version"]) == ('"1"', 1)
    assert (said["insurance_member_id"], said["notes"], said["tags"]) == ("M-77", "Crowded teeth", ["Summer"])
    assert said["assigned_to"] == {"id": str(coordinator.pk), "name": "Renata Vasquez"}
    assert (last_audit(lead).action, last_audit(lead).actor) == ("crm.lead.viewed", coordinator)


def test_a_deleted_lead_is_not_found(program):
    lead = LeadFactory(deleted_at=timezone.now())

    assert program.send("GET", f"/api/leads/{lead.pk}").status_code == 404


def test_minimal_privacy_hides_what_was_kept_before(clinic, program):
    lead = LeadFactory(last_name="Ray", notes="Crowded teeth")
    Clinic.objects.filter(pk=clinic.pk).update(lead_privacy=Clinic.LeadPrivacy.MINIMAL)

    said = program.send("GET", f"/api/leads/{lead.pk}").json()

    assert (said["first_name"], said["last_name"], said["notes"]) == (lead.first_name, None, None)
    assert program.send("GET", "/api/leads").json()["items"][0]["last_name"] is None


# Adding ----------------------------------------------------------------------------------------------


def test_a_phone_number_is_enough_for_a_lead(program, coordinator):
    answer = program.send("POST", "/api/leads", {"phone": "(312) 555-0147"})

    lead = Lead.objects.get()
    assert (answer.status_code, answer["Location"], answer["ETag"]) == (201, f"/api/leads/{lead.pk}", '"1"')
    assert (lead.phone_e164, lead.assigned_to) == ("+13125550147", coordinator)
    assert lead.submissions.get().channel == LeadSubmission.Channel.API
    assert answer.json()["possible_duplicates"] == []


def test_a_new_lead_comes_with_those_who_may_be_the_same(program):
    known = LeadFactory(phone="+13125550147", first_name="Nora", last_name="Ray")

    answer = program.send("POST", "/api/leads", {"phone": "312-555-0147"})

    [match] = answer.json()["possible_duplicates"]
    assert (match["id"], match["name"], match["by"]) == (str(known.pk), "Nora Ray", "phone")


def test_a_program_may_ask_not_to_add_who_is_known(program):
    LeadFactory(phone="+13125550147")

    answer = program.send("POST", "/api/leads", {"phone": "312-555-0147", "if_known": "refuse"})

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:recare:problem:lead-is-known")
    assert (len(answer.json()["possible_duplicates"]), Lead.objects.count()) == (1, 1)


def test_who_may_be_here_already_can_be_asked_first(program):
    LeadFactory(first_name="Nora", last_name="Ray", email="nora@example.com")

    found = program.send("GET", "/api/leads/matches?email=NORA@example.com").json()

    assert [(match["name"], match["by"]) for match in found] == [("Nora Ray", "email")]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "first_name"),
        ({"email": "nora"}, "email"),
        ({"phone": "1" * 41}, "phone"),
        ({"treatment_interest": ["GOLD_TEETH"]}, "treatment_interest.0"),
        ({"patient_dob": "2999-01-01"}, "patient_dob"),
        ({"expected_value_cents": 0}, "expected_value_cents"),
        ({"source": "0190b5f2-0000-7000-8000-000000000000"}, "source"),
        ({"clinic": "0190b5f2-0000-7000-8000-000000000000"}, "clinic"),
        ({"status": "CONVERTED"}, "status"),
        ({"version": 7}, "version"),
    ],
)
def test_what_cannot_be_taken_is_named_and_nothing_is_added(program, sent, field):
    answer = program.send("POST", "/api/leads", ({"phone": "3125550147"} if sent else {}) | sent)

    assert list(errors(answer)) == [field]
    assert Lead.objects.count() == 0


def test_minimal_privacy_refuses_a_last_name_by_name(clinic, program):
    Clinic.objects.filter(pk=clinic.pk).update(lead_privacy=Clinic.LeadPrivacy.MINIMAL)

    answer = program.send("POST", "/api/leads", {"first_name": "Nora", "last_name": "Ray"})

    assert errors(answer) == {"last_name": "This clinic does not keep this on leads: last name."}


def test_an_id_of_another_system_is_taken_once(program):
    program.send("POST", "/api/leads", {"phone": "3125550147", "external_id": "crm-1"})

    again = program.send("POST", "/api/leads", {"phone": "3125550148", "external_id": "crm-1"})

    assert (again.status_code, again.json()["type"]) == (409, "urn:recare:problem:taken")
    assert again.json()["errors"][0]["field"] == "external_id"


def test_who_may_not_assign_names_no_coordinator(receptionist, coordinator, program_of):
    desk = program_of(receptionist)

    refused = desk.send("POST", "/api/leads", {"phone": "3125550147", "assigned_to": coordinator.pk})

    assert (refused.status_code, refused.json()["permission"]) == (403, "lead:assign")
    assert desk.send("POST", "/api/leads", {"phone": "3125550147"}).status_code == 201


# Changing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_change_touches_what_was_sent_and_nothing_else(program, coordinator, method):
    lead = LeadFactory(first_name="Nora", city="Chicago")

    answer = program.send(method, f"/api/leads/{lead.pk}", {"first_name": "Zoe", "phone": "312 555 0199"}, **SEEN)

    lead.refresh_from_db()
    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    assert (lead.first_name, lead.city, lead.phone_e164, lead.updated_by) == (
        "Zoe",
        "Chicago",
        "+13125550199",
        coordinator,
    )


def test_a_change_without_a_version_is_refused(program):
    answer = program.send("PUT", f"/api/leads/{LeadFactory().pk}", {"first_name": "Zoe"})

    assert (answer.status_code, answer.json()["type"]) == (428, "urn:recare:problem:version-missing")


def test_a_change_over_a_newer_one_is_shown_the_newer_one(program):
    lead = LeadFactory(first_name="Nora")
    program.send("PATCH", f"/api/leads/{lead.pk}", {"first_name": "Zoe"}, **SEEN)

    late = program.send("PATCH", f"/api/leads/{lead.pk}", {"first_name": "Ann"}, **SEEN)

    assert (late.status_code, late["ETag"], late.json()["current"]["first_name"]) == (412, '"2"', "Zoe")
    assert program.send("PATCH", f"/api/leads/{lead.pk}", {"first_name": "Ann"}, **{"If-Match": "*"}).status_code == 200


def test_a_change_may_say_what_the_lead_is_worth(program):
    lead = LeadFactory()

    said = program.send("PATCH", f"/api/leads/{lead.pk}", {"expected_value_cents": 450_000}, **SEEN).json()

    assert (said["expected_value_cents"], Opportunity.objects.get(lead=lead).expected_value_cents) == (450_000, 450_000)


def test_a_converted_lead_is_locked(program, stages):
    won = stages["treatment_started"]
    lead = LeadFactory(status=LeadStatus.CONVERTED, converted_at=timezone.now(), stage=won)

    for method, path, sent in [
        ("PATCH", "", {"first_name": "Zoe"}),
        ("POST", "/stage", {"stage": stages["contacted"].pk}),
        ("POST", "/lost", {"lost_reason": LostReason.OTHER}),
        ("POST", "/archive", None),
    ]:
        answer = program.send(method, f"/api/leads/{lead.pk}{path}", sent, **SEEN)
        assert (path, answer.status_code, answer.json()["type"]) == (path, 409, "urn:recare:problem:lead-is-locked")


def test_a_lead_keeps_a_source_and_a_way_to_reach_it(program):
    lead = LeadFactory(last_name="")
    alone = {"first_name": "", "phone": "", "email": ""}

    assert list(errors(program.send("PATCH", f"/api/leads/{lead.pk}", {"source": None}, **SEEN))) == ["source"]
    assert list(errors(program.send("PATCH", f"/api/leads/{lead.pk}", alone, **SEEN))) == ["first_name"]
