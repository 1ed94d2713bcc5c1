"""Patients by the API: listed, read, added, changed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.models import AuditLog
from conftest import last_audit, next_door
from patients.models import Patient
from patients.tagging import tag_patient
from patients.tests.factories import AppointmentFactory, PatientConsentFactory, PatientFactory, TagFactory

SEEN = {"If-Match": '"1"'}


def test_the_list_takes_the_filters_and_sorts_of_the_page(program):
    PatientFactory(first_name="Ana", segment="DORMANT", visit_count=1)
    PatientFactory(first_name="Ben", segment="DORMANT", visit_count=2)
    PatientFactory(first_name="Cid")

    answer = program.send("GET", "/api/patients?segment=DORMANT&sort=-visits&limit=1").json()
    assert ([each["first_name"] for each in answer["items"]], answer["total"]) == (["Ben"], 2)
    event = AuditLog.objects.filter(action="patients.patient.listed").get()
    assert event.metadata["count"] == 1


@pytest.mark.parametrize("asked", ["segment=ASLEEP", "tag=nobody", "sort=colour", "limit=101", "consent=SMS"])
def test_the_list_refuses_what_no_filter_knows(program, asked):
    assert program.send("GET", f"/api/patients?{asked}").status_code == 422


def test_the_list_asks_the_same_number_of_queries_for_one_and_three(program):
    counts = []
    program.send("GET", "/api/patients")
    for more in (1, 2):
        for _each in range(more):
            AppointmentFactory(patient=PatientFactory())
        with CaptureQueriesContext(connection) as queries:
            program.send("GET", "/api/patients")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_patient_is_read_with_tags_and_consent_and_that_is_on_record(program, coordinator):
    patient = PatientFactory(first_name="Iris")
    tag_patient(patient, TagFactory(name="VIP"), by=coordinator)
    PatientConsentFactory(patient=patient, wording="Yes, please")

    answer = program.send("GET", f"/api/patients/{patient.pk}")
    said = answer.json()
    assert (said["tags"], said["consents"][0]["wording"], answer["ETag"]) == (["VIP"], "Yes, please", '"1"')
    assert last_audit(patient).action == "patients.patient.viewed"


def test_a_patient_is_added_once_under_an_idempotency_key(program):
    sent = {"first_name": "Nora", "phone": "(312) 555-0147", "date_of_birth": "2010-01-02"}

    first = program.send("POST", "/api/patients", sent, idempotency_key="one")
    again = program.send("POST", "/api/patients", sent, idempotency_key="one")
    assert (first.status_code, first.json()["phone"]) == (201, "+13125550147")
    assert again.json() == first.json() and Patient.objects.count() == 1
    assert first["Location"] == f"/api/patients/{first.json()['id']}"


def test_a_change_wants_the_version_that_was_seen(program):
    patient = PatientFactory(city="Lyon")
    path = f"/api/patients/{patient.pk}"

    assert program.send("PATCH", path, {"city": "Nice"}).status_code == 428
    assert program.send("PATCH", path, {"city": "Nice"}, **SEEN).json()["city"] == "Nice"
    late = program.send("PATCH", path, {"city": "Paris"}, **SEEN)
    assert (late.status_code, late.json()["current"]["city"], late["ETag"]) == (412, "Nice", '"2"')


def test_what_cannot_be_is_refused_by_its_field(program, other_clinic):
    with next_door(other_clinic):
        theirs = PatientFactory()
    patient = PatientFactory()
    path = f"/api/patients/{patient.pk}"

    def blamed(sent, method="PATCH", where=path):
        answer = program.send(method, where, sent, **SEEN)
        assert answer.status_code in (409, 422)
        return [error["field"] for error in answer.json()["errors"]]

    assert blamed({"responsible_party": str(theirs.pk)}) == ["responsible_party"]
    assert blamed({"responsible_party": str(patient.pk)}) == ["responsible_party"]
    assert blamed({"email": "nobody"}) == ["email"]
    assert blamed({"nickname": "Ira"}) == ["nickname"]
    assert blamed({"notes": "nobody named"}, "POST", "/api/patients") == ["first_name"]
    assert program.send("GET", f"/api/patients/{theirs.pk}").status_code == 404


def test_a_token_may_do_what_its_scopes_say(program_of, coordinator):
    reader = program_of(coordinator, ["patient:read"])

    assert reader.send("GET", "/api/patients").status_code == 200
    assert reader.send("POST", "/api/patients", {"first_name": "Nora"}).status_code == 403
