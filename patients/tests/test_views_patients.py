from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinics.models import AuditLog
from conftest import next_door
from patients.models import Patient
from patients.search import search_patients
from patients.tests.factories import AppointmentFactory, PatientFactory

LIST = "/patients/"


def names(response):
    return [row.patient.first_name for row in response.context["rows"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("segment=DORMANT", ["Dora"]),
        ("segment=DORMANT&segment=AT_RISK", ["Rick", "Dora"]),
        ("contact_priority=RED", ["Rick"]),
        ("churn_risk_level=HIGH", ["Rick"]),
        ("last_visit=180%2B", ["Dora"]),
        ("last_visit=never", ["Nina"]),
        ("next_appointment=booked", ["Nina"]),
        ("next_appointment=none", ["Rick", "Dora"]),
        ("q=rick", ["Rick"]),
        ("q=312+555+0177", ["Dora"]),
        ("q=nina%40example.com", ["Nina"]),
    ],
)
def test_patient_list_is_narrowed(client_of, viewer, query, found):
    now = timezone.now()
    people = {
        "Rick": {
            "segment": "AT_RISK", "contact_priority": "RED", "contact_priority_score": 0.9, "churn_risk_level": "HIGH",
            "last_visit_at": now - timedelta(days=60),
        },
        "Dora": {"segment": "DORMANT", "last_visit_at": now - timedelta(days=200), "phone": "+13125550177"},
        "Nina": {"email": "nina@example.com"},
    }  # fmt: skip
    for minutes, (name, facts) in enumerate(people.items()):
        patient = PatientFactory(first_name=name, last_name=f"{minutes}", **facts)
    AppointmentFactory(patient=patient)

    response = client_of(viewer).get(f"{LIST}?{query}&sort=added")

    assert names(response) == found


def test_patient_list_sorts_with_the_unknown_last(client_of, viewer):
    now = timezone.now()
    PatientFactory(first_name="Never")
    PatientFactory(first_name="Old", last_visit_at=now - timedelta(days=9))
    PatientFactory(first_name="Fresh", last_visit_at=now)

    assert names(client_of(viewer).get(f"{LIST}?sort=-last_visit")) == ["Fresh", "Old", "Never"]
    assert names(client_of(viewer).get(f"{LIST}?sort=last_visit")) == ["Old", "Fresh", "Never"]


def test_patient_list_asks_the_same_number_of_queries_for_one_and_three(client_of, viewer, provider, location):
    client, counts = client_of(viewer), []
    client.get(LIST)
    for more in (1, 2):
        for _each in range(more):
            AppointmentFactory(patient=PatientFactory(provider=provider, location=location))
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_patient_csv_takes_the_filtered_list_and_records_it(client_of, coordinator):
    PatientFactory(first_name="Rick", segment="AT_RISK")
    PatientFactory(first_name="Nina")

    response = client_of(coordinator).get(reverse("patients:patient_csv") + "?segment=AT_RISK")

    lines = b"".join(response.streaming_content).decode().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["Rick"]
    event = AuditLog.objects.get(action="patients.patient.exported")
    assert event.metadata == {"count": 1, "filters": "segment=AT_RISK"}


def test_patient_create_without_htmx_registers_and_leads_to_the_page(client_of, receptionist):
    response = client_of(receptionist).post(reverse("patients:patient_create"), {"first_name": "Ida", "key": "k1"})

    patient = Patient.objects.get()
    assert (response.status_code, response.url) == (302, patient.get_absolute_url())


def test_patient_create_asks_before_it_saves_the_same_person_again(htmx_of, receptionist):
    known = PatientFactory(first_name="Ida", last_name="Berg", phone="+13125550123")
    typed = {"first_name": "Ida", "last_name": "Berg", "phone": "312 555 0123"}
    client = htmx_of(receptionist)

    asked = client.post(reverse("patients:patient_create"), typed)
    assert (asked.status_code, Patient.objects.count()) == (409, 1)
    assert str(known.pk) in asked.text

    client.post(reverse("patients:patient_create"), typed | {"seen": known.pk})
    assert Patient.objects.count() == 2


def test_patient_create_with_nothing_said_is_refused(htmx_of, receptionist):
    response = htmx_of(receptionist).post(reverse("patients:patient_create"), {"notes": "x"})

    assert response.status_code == 422
    assert "Give a name" in response.text


def test_patient_create_of_a_relative_makes_the_payer(client_of, receptionist, patient):
    url = f"{reverse('patients:patient_create')}?with={patient.pk}"

    client_of(receptionist).post(url, {"first_name": "Bo", "responsible_party": patient.pk})

    child = Patient.objects.get(first_name="Bo")
    patient.refresh_from_db()
    assert (child.responsible_party, child.household) == (patient, patient.household)


def test_patient_matches_names_family_and_namesakes(htmx_of, receptionist):
    PatientFactory(first_name="Ida", last_name="Berg", phone="+13125550123")

    response = htmx_of(receptionist).get(reverse("patients:patient_matches"), {"phone": "(312) 555-0123"})

    assert "Ida Berg" in response.text


def test_search_patients_finds_by_name_and_leaves_out_who_may_not_read(patient, receptionist, marketer):
    assert [item["label"] for item in search_patients(receptionist, "fal")["items"]] == ["Iris Falk"]
    assert search_patients(marketer, "fal") is None


def test_patients_of_another_clinic_stay_there(client_of, viewer, other_clinic):
    with next_door(other_clinic):
        stranger = PatientFactory(first_name="Uptown")

    client = client_of(viewer)
    assert names(client.get(LIST)) == []
    assert client.get(f"/patients/{stranger.pk}/").status_code == 404
