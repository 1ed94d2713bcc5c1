import json
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.models import AuditLog
from conftest import next_door
from patients.models import Patient, Payment, Visit
from patients.tests.factories import AppointmentFactory, PatientFactory, PaymentFactory, VisitFactory


def url(name, patient):
    return reverse(f"patients:{name}", args=[patient.pk])


def filled(patient, **changes):
    """What the form of editing sends."""
    known = {"first_name": "Iris", "last_name": "Falk", "phone": "+13125550101", "preferred_channel": "SMS"}
    return known | {"email": patient.email, "version": patient.version} | changes


def test_patient_detail_shows_what_is_known_and_records_the_look(client_of, viewer, patient, now):
    child = PatientFactory(first_name="Bo", responsible_party=patient)
    AppointmentFactory(patient=patient, starts_at=now + timedelta(days=2))
    visit = VisitFactory(patient=patient, visit_date=now - timedelta(days=1), revenue_cents=18_000)
    PaymentFactory(patient=patient, visit=visit, paid_on=date(2026, 12, 6))

    response = client_of(viewer).get(patient.get_absolute_url())

    assert response.context["pays_for"] == [child]
    assert (response.context["charged_cents"], response.context["collected_cents"]) == (18_000, 18_000)
    assert [entry.kind for entry in response.context["history"].entries] == ["visits", "payments"]
    assert AuditLog.objects.filter(action="patients.patient.viewed", actor=viewer).count() == 1


def test_patient_detail_asks_the_same_number_of_queries_for_one_and_three(client_of, viewer, patient, provider):
    client, counts = client_of(viewer), []
    for more in (1, 2):
        for _each in range(more):
            AppointmentFactory(patient=patient)
            VisitFactory(patient=patient, provider=provider)
            PaymentFactory(patient=patient)
            PatientFactory(responsible_party=patient)
        client.get(patient.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            client.get(patient.get_absolute_url())
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_history_is_paged_and_narrowed_by_kind(client_of, viewer, patient, now):
    for days in range(40):
        VisitFactory(patient=patient, visit_date=now - timedelta(days=days + 1))
    PaymentFactory(patient=patient, paid_on=date(2026, 12, 1))
    client = client_of(viewer)

    first = client.get(patient.get_absolute_url()).context["history"]
    second = client.get(patient.get_absolute_url(), {"older": first.older}).context["history"]
    payments = client.get(patient.get_absolute_url(), {"kind": "payments"}).context["history"]

    assert (len(first.entries), len(second.entries), second.older) == (30, 11, "")
    assert not {entry.row.pk for entry in first.entries} & {entry.row.pk for entry in second.entries}
    assert [entry.kind for entry in payments.entries] == ["payments"]


def test_patient_edit_saves_and_returns(client_of, receptionist, patient):
    response = client_of(receptionist).post(url("patient_edit", patient), filled(patient, city="Berwyn"))

    assert (response.status_code, response.url) == (302, patient.get_absolute_url())
    assert Patient.objects.get(pk=patient.pk).city == "Berwyn"


def test_patient_edit_shows_both_versions_and_saves_what_is_chosen(client_of, receptionist, patient):
    Patient.objects.filter(pk=patient.pk).update(city="Cicero", version=2)
    client = client_of(receptionist)
    sent = filled(patient, city="Berwyn", state="IL", version=1)

    clash = client.post(url("patient_edit", patient), sent)
    assert clash.status_code == 409
    assert {(row["field"].name, row["theirs"], row["mine"]) for row in clash.context["differences"]} == {
        ("city", "Cicero", "Berwyn"),
        ("state", "", "IL"),
    }

    client.post(url("patient_edit", patient), sent | {"version": 2, "take_city": "theirs", "take_state": "mine"})
    patient.refresh_from_db()
    assert (patient.city, patient.state) == ("Cicero", "IL")


def test_patient_edit_refuses_a_birth_date_to_come(client_of, receptionist, patient):
    response = client_of(receptionist).post(url("patient_edit", patient), filled(patient, date_of_birth="2099-01-01"))

    assert response.status_code == 422


def test_patient_delete_offers_to_take_it_back(client_of, coordinator, patient):
    client = client_of(coordinator)

    client.post(url("patient_delete", patient))
    assert not Patient.objects.present().exists()

    page = client.get("/patients/")
    assert url("patient_restore", patient) in page.text
    client.post(url("patient_restore", patient))
    assert Patient.objects.present().exists()


def test_patient_delete_of_somebody_who_comes_is_refused_in_words(htmx_of, coordinator, patient):
    AppointmentFactory(patient=patient)

    response = htmx_of(coordinator).post(url("patient_delete", patient))

    assert response.status_code == 409
    assert "appointments ahead" in json.loads(response["HX-Trigger"])["toast"][0]["message"]


def test_patient_erase_asks_for_the_name(client_of, owner, patient):
    client = client_of(owner)

    assert client.post(url("patient_erase", patient), {"typed_name": "Iris"}).status_code == 422
    client.post(url("patient_erase", patient), {"typed_name": "Iris Falk"})

    assert Patient.objects.get().erased_at is not None
    assert client.get(patient.get_absolute_url()).status_code == 404


def test_patient_file_holds_everything_and_is_on_record(client_of, coordinator, patient):
    VisitFactory(patient=patient, visit_type="Bonding")

    as_json = client_of(coordinator).get(url("patient_file", patient))
    as_csv = client_of(coordinator).get(url("patient_file", patient) + "?format=csv")

    assert json.loads(as_json.content)["visits"][0]["visit_type"] == "Bonding"
    assert "Bonding" in as_csv.content.decode()
    assert AuditLog.objects.filter(action="patients.patient.handed_out").count() == 2


def test_payment_create_writes_one_however_often_it_is_sent(htmx_of, receptionist, patient):
    sent = {"kind": "PAYMENT", "amount": "180.50", "method": "CARD", "paid_on": "2026-01-05", "key": "k"}
    client = htmx_of(receptionist)

    for _each in range(2):
        response = client.post(url("payment_create", patient), sent)

    assert "dialog:close" in response["HX-Trigger"]
    assert [payment.amount_cents for payment in Payment.objects.all()] == [18_050]


def test_payment_create_refuses_a_refund_of_more_than_was_paid(htmx_of, receptionist, patient):
    sent = {"kind": "REFUND", "amount": "1", "method": "CARD", "paid_on": "2026-01-05"}

    response = htmx_of(receptionist).post(url("payment_create", patient), sent)

    assert (response.status_code, Payment.objects.count()) == (409, 0)


def test_visit_create_takes_the_price_of_the_type(client_of, receptionist, patient, adjustment):
    sent = {"visit_date": "2026-01-05T10:00", "type": adjustment.pk, "procedures": "D8080, D8670"}

    client_of(receptionist).post(url("visit_create", patient), sent)

    visit = Visit.objects.get()
    assert (visit.revenue_cents, visit.procedures, visit.visit_type) == (18_000, ["D8080", "D8670"], "Adjustment")


@pytest.mark.parametrize(
    ("role", "page", "status"),
    [
        ("viewer", "patient_edit", 403),
        ("receptionist", "patient_erase", 403),
        ("receptionist", "patient_file", 403),
        ("doctor", "payment_create", 403),
        ("marketer", "patient_detail", 403),
    ],
)
def test_pages_ask_for_their_permission(request, client_of, patient, role, page, status):
    assert client_of(request.getfixturevalue(role)).get(url(page, patient)).status_code == status


def test_a_patient_of_another_clinic_is_not_found(client_of, owner, other_clinic):
    with next_door(other_clinic):
        stranger = PatientFactory()

    for page in ("patient_detail", "patient_edit", "patient_erase", "patient_file", "payment_create", "patient_audit"):
        assert client_of(owner).get(url(page, stranger)).status_code == 404
