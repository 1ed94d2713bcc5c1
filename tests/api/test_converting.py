"""A lead becomes patients by the API."""

import pytest

from crm.models import LeadStatus, PatientRelationship
from crm.tests.factories import LeadFactory
from patients.models import Patient
from patients.tests.factories import PatientFactory


def convert(program, lead, **sent):
    return program.send("POST", f"/api/leads/{lead.pk}/convert", sent)


def test_who_asked_for_themselves_becomes_the_patient(program):
    lead = LeadFactory(first_name="Nora", last_name="Ray", phone="+13125550147")

    said = convert(program, lead).json()

    patient = Patient.objects.get()
    assert said["patients"] == [{"id": str(patient.pk), "name": "Nora Ray", "pays": False, "is_new": True}]
    assert (said["lead"]["status"], patient.phone_e164) == ("CONVERTED", "+13125550147")


def test_a_child_becomes_the_patient_and_the_parent_pays(program):
    lead = LeadFactory(
        first_name="Nora",
        last_name="Ray",
        patient_relationship=PatientRelationship.CHILD,
        patient_first_name="Mia",
        patient_dob="2014-05-02",
    )

    said = convert(program, lead).json()

    child = Patient.objects.get(first_name="Mia")
    assert [(each["name"], each["pays"]) for each in said["patients"]] == [("Mia Ray", False), ("Nora Ray", True)]
    assert (child.responsible_party.first_name, str(child.date_of_birth)) == ("Nora", "2014-05-02")


def test_a_family_is_named_one_by_one_and_one_of_them_is_here_already(program):
    known = PatientFactory(first_name="Mia", last_name="Ray")
    lead = LeadFactory()

    said = convert(program, lead, people=[{"patient": known.pk}, {"first_name": "Leo", "last_name": "Ray"}]).json()

    assert [(each["name"], each["is_new"]) for each in said["patients"]] == [("Mia Ray", False), ("Leo Ray", True)]


def test_who_seems_to_be_a_patient_is_shown_first(program):
    known = PatientFactory(first_name="Nora", last_name="Ray", phone="+13125550147", phone_e164="+13125550147")
    lead = LeadFactory(first_name="Nora", last_name="Ray", phone="+13125550147")

    refused = convert(program, lead)
    lead.refresh_from_db()

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:recare:problem:patient-is-known")
    assert refused.json()["patients"] == [{"id": str(known.pk), "name": "Nora Ray"}]
    assert (lead.status, Patient.objects.count()) == (LeadStatus.NEW, 1)
    assert convert(program, lead, if_known="create").status_code == 200


def test_a_lead_is_converted_once(program):
    lead = LeadFactory()
    convert(program, lead)

    again = convert(program, lead)

    assert (again.status_code, Patient.objects.count()) == (409, 1)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"people": [{}]}, "people.0.first_name"),
        ({"people": [{"patient": "0190b5f2-0000-7000-8000-000000000000"}]}, "people.0.patient"),
        ({"people": [{"first_name": "Mia", "date_of_birth": "2999-01-01"}]}, "people.0.date_of_birth"),
        ({"payer": {"first_name": ""}}, "payer.first_name"),
    ],
)
def test_a_person_who_cannot_be_is_refused(program, sent, field):
    lead = LeadFactory()

    answer = convert(program, lead, **sent)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert Patient.objects.count() == 0


def test_the_front_desk_does_not_convert(receptionist, program_of):
    assert convert(program_of(receptionist), LeadFactory()).status_code == 403
