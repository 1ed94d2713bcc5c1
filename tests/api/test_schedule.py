"""Appointments, visits and payments, by the API."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conftest import last_audit, next_door
from patients.models import Appointment, Payment, Visit
from patients.tests.factories import (
    AppointmentFactory,
    AppointmentTypeFactory,
    PatientFactory,
    PaymentFactory,
    ProviderFactory,
    VisitFactory,
)

SOON = timezone.now().replace(microsecond=0) + timedelta(days=2)


@pytest.fixture
def desk(receptionist, program_of):
    return program_of(receptionist)


def fields(answer):
    assert answer.status_code == 422, answer.content
    return [error["field"] for error in answer.json()["errors"]]


def booking(**facts):
    return {"patient": str(PatientFactory().pk), "starts_at": SOON.isoformat(), "anyway": True} | facts


def test_an_appointment_is_booked_read_moved_and_cancelled(desk, receptionist):
    provider, kind = ProviderFactory(), AppointmentTypeFactory(duration_minutes=40)

    booked = desk.send("POST", "/api/appointments", booking(provider=str(provider.pk), type=str(kind.pk)))
    address = f"/api/appointments/{booked.json()['id']}"
    later = (SOON + timedelta(hours=1)).isoformat()
    moved = desk.send("PATCH", address, {"starts_at": later, "anyway": True}, if_match=booked["ETag"])
    stale = desk.send("PATCH", address, {"duration_minutes": 60}, if_match=booked["ETag"])
    cancelled = desk.send("POST", f"{address}/cancel", {"reason": "ILLNESS", "note": "Has the flu"})

    assert (booked.status_code, booked.json()["duration_minutes"], booked["ETag"]) == (201, 40, '"1"')
    assert (moved.json()["duration_minutes"], moved.json()["version"], moved["ETag"]) == (40, 2, '"2"')
    assert (stale.status_code, desk.send("PATCH", address, {}).status_code) == (412, 428)
    assert (cancelled.json()["status"], cancelled.json()["cancellation_reason"]) == ("CANCELLED", "ILLNESS")
    assert last_audit(Appointment.objects.get()).actor == receptionist
    assert desk.send("POST", f"{address}/cancel", {"reason": "ILLNESS"}).status_code == 409


def test_of_two_bookings_of_one_time_the_second_is_refused(desk):
    wish = booking(provider=str(ProviderFactory().pk))

    assert desk.send("POST", "/api/appointments", wish).status_code == 201
    assert desk.send("POST", "/api/appointments", wish).status_code in (409, 422)
    assert Appointment.objects.count() == 1


def test_the_same_key_books_once(desk):
    wish = booking()

    answers = [desk.send("POST", "/api/appointments", wish, idempotency_key="k").json()["id"] for _again in range(2)]

    assert (len(set(answers)), Appointment.objects.count()) == (1, 1)


def test_what_came_of_it_makes_a_visit(desk):
    appointment = AppointmentFactory(starts_at=timezone.now() - timedelta(hours=1))
    address = f"/api/appointments/{appointment.pk}"

    states = [desk.send("POST", f"{address}/{act}").json()["status"] for act in ("confirm", "check-in", "complete")]
    missed = desk.send("POST", f"{address}/miss")
    visits = desk.send("GET", f"/api/visits?patient={appointment.patient.pk}").json()["items"]

    assert (states, missed.status_code) == (["CONFIRMED", "CONFIRMED", "COMPLETED"], 409)
    assert [visit["appointment"] for visit in visits] == [str(appointment.pk)]


def test_another_day_leaves_the_former_on_record(desk):
    former = AppointmentFactory()

    answer = desk.send("POST", f"/api/appointments/{former.pk}/reschedule", booking(patient=str(former.patient.pk)))

    former.refresh_from_db()
    assert (answer.status_code, answer.json()["replaces"], former.status) == (201, str(former.pk), "RESCHEDULED")


def test_lists_narrow_and_cost_the_same_for_one_and_three(desk):
    def cost(path):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert desk.send("GET", path).status_code == 200
        return len(queries)

    desk.send("GET", "/api/appointments")
    paths = ["/api/appointments", "/api/visits", "/api/payments"]
    makers = [AppointmentFactory, VisitFactory, PaymentFactory]
    [make() for make in makers]
    one = [cost(path) for path in paths]
    [make() for make in makers * 2]
    assert [cost(path) for path in paths] == one

    mine = Appointment.objects.first()
    found = desk.send("GET", f"/api/appointments?patient={mine.patient.pk}&status=SCHEDULED&since=2026-01-01T00:00:00Z")
    assert [row["id"] for row in found.json()["items"]] == [str(mine.pk)]
    assert desk.send("GET", "/api/appointments?until=2026-01-01T00:00:00Z").json()["total"] == 0
    assert desk.send("GET", "/api/appointments?status=HERE").status_code == 422


def test_free_times_types_and_providers_are_told(desk):
    provider, kind = ProviderFactory(), AppointmentTypeFactory(duration_minutes=50)

    slots = desk.send("GET", f"/api/appointments/free?type={kind.pk}&provider={provider.pk}").json()

    assert {slot["provider"]["id"] for slot in slots} == {str(provider.pk)}
    assert str(provider.pk) in [row["id"] for row in desk.send("GET", "/api/providers").json()]
    assert str(kind.pk) in [row["id"] for row in desk.send("GET", "/api/appointment-types").json()]


def test_a_visit_is_written_down_with_what_was_done_and_collected(desk):
    patient = PatientFactory()
    sent = {"patient": str(patient.pk), "visit_date": "2026-03-02T15:00:00Z", "procedures": ["D8080"],
            "revenue_cents": 9_000, "external_id": "v-1"}  # fmt: skip

    visit = desk.send("POST", "/api/visits", sent)
    PaymentFactory(patient=patient, visit=Visit.objects.get(), amount_cents=5_000)
    PaymentFactory(patient=patient, visit=Visit.objects.get(), amount_cents=2_000, kind="REFUND")

    assert (visit.status_code, visit.json()["source"], visit.json()["procedures"]) == (201, "MANUAL", ["D8080"])
    assert desk.send("GET", f"/api/visits/{visit.json()['id']}").json()["collected_cents"] == 3_000
    patient.refresh_from_db()
    assert patient.last_visit_at is not None
    assert desk.send("POST", "/api/visits", sent).status_code == 409


def test_a_payment_is_written_once_and_given_back_in_parts(desk):
    sent = {"patient": str(PatientFactory().pk), "amount_cents": 10_000, "external_id": "pos-1"}

    paid = [desk.send("POST", "/api/payments", sent, idempotency_key="k") for _again in range(2)]
    address = f"/api/payments/{paid[0].json()['id']}"
    part = desk.send("POST", f"{address}/refund", {"amount_cents": 4_000})
    too_much = desk.send("POST", f"{address}/refund", {"amount_cents": 7_000})
    rest = desk.send("POST", f"{address}/refund", {})

    assert paid[0].json() == paid[1].json() and paid[1]["Idempotent-Replayed"] == "true"
    assert (part.json()["kind"], part.json()["amount_cents"], rest.json()["amount_cents"]) == ("REFUND", 4_000, 6_000)
    assert fields(too_much) == ["amount_cents"]
    assert desk.send("POST", f"{address}/refund", {}).status_code == 422
    assert desk.send("POST", f"/api/payments/{part.json()['id']}/refund", {}).status_code == 409
    assert Payment.objects.collected_cents() == 0
    assert desk.send("POST", "/api/payments", sent).status_code == 409
    assert desk.send("GET", "/api/payments?external_id=pos-1").json()["total"] == 1


@pytest.mark.parametrize(
    ("path", "sent", "field"),
    [
        ("/api/payments", {"amount_cents": 0}, "amount_cents"),
        ("/api/payments", {"amount_cents": 5, "paid_on": "2199-01-01"}, "paid_on"),
        ("/api/payments", {"amount_cents": 5, "kind": "REFUND"}, "amount_cents"),
        ("/api/visits", {"visit_date": "2199-01-01T00:00:00Z"}, "visit_date"),
        ("/api/appointments", {"starts_at": "2026-01-01T00:00:00Z"}, "starts_at"),
        ("/api/appointments", {"starts_at": "2027-01-01T00:00:00Z", "colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(desk, path, sent, field):
    assert fields(desk.send("POST", path, {"patient": str(PatientFactory().pk)} | sent)) == [field]


def test_what_is_next_door_and_what_the_token_may_not(desk, viewer, program_of, receptionist, other_clinic):
    with next_door(other_clinic):
        rows = {"appointments": AppointmentFactory(), "visits": VisitFactory(), "payments": PaymentFactory()}
        stranger = PatientFactory()

    assert [desk.send("GET", f"/api/{room}/{row.pk}").status_code for room, row in rows.items()] == [404] * 3
    assert fields(desk.send("POST", "/api/payments", {"patient": str(stranger.pk), "amount_cents": 5})) == ["patient"]
    assert program_of(viewer).send("POST", "/api/appointments", booking()).status_code == 403
    reader = program_of(receptionist, ["patient:read"])
    assert [reader.send("GET", f"/api/{room}").status_code for room in rows] == [403, 200, 200]
    assert reader.send("POST", "/api/payments", {"patient": str(stranger.pk), "amount_cents": 5}).status_code == 403
