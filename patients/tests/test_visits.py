from datetime import timedelta

import pytest

from conftest import last_audit
from patients.models import Payment, Segment, Visit
from patients.rules import MoreThanPaid, NothingPaid, PatientIsGone, TooEarly
from patients.tests.factories import PatientFactory, PaymentFactory, VisitFactory
from patients.visits import record_payment, record_visit


def test_record_visit_moves_the_last_visit_and_the_segment(patient, receptionist, now):
    VisitFactory(patient=patient, visit_date=now - timedelta(days=300))
    patient.segment = Segment.DORMANT
    patient.save()

    visit = record_visit(patient, {"visit_date": now, "visit_type": "Adjustment"}, by=receptionist)

    patient.refresh_from_db()
    assert (patient.last_visit_at, patient.visit_count, patient.segment) == (now, 2, Segment.ACTIVE)
    assert last_audit(visit).action == "patients.visit.recorded"


def test_record_visit_twice_with_one_key_writes_one(patient, receptionist, now):
    for _each in range(2):
        record_visit(patient, {"visit_date": now}, by=receptionist, key="once")

    assert Visit.objects.count() == 1


def test_record_visit_refuses_what_is_to_come_and_the_deleted(patient, receptionist, now):
    with pytest.raises(TooEarly):
        record_visit(patient, {"visit_date": now + timedelta(hours=1)}, by=receptionist)
    patient.deleted_at = now
    patient.save()
    with pytest.raises(PatientIsGone):
        record_visit(patient, {"visit_date": now}, by=receptionist)


def test_refunds_are_taken_off_what_was_collected(patient, receptionist, now):
    paid = {"amount_cents": 20_000, "paid_on": now.date()}
    record_payment(patient, paid, by=receptionist)
    refund = record_payment(patient, paid | {"kind": "REFUND", "amount_cents": 5_000}, by=receptionist)

    assert refund.signed_cents == -5_000
    assert Payment.objects.of_patient(patient).collected_cents() == 15_000


def test_record_payment_refuses_nothing_and_more_than_was_paid(patient, receptionist, now):
    PaymentFactory(patient=patient, amount_cents=1_000)
    PaymentFactory(amount_cents=90_000)

    with pytest.raises(NothingPaid):
        record_payment(patient, {"amount_cents": 0, "paid_on": now.date()}, by=receptionist)
    with pytest.raises(MoreThanPaid):
        record_payment(patient, {"amount_cents": 1_001, "kind": "REFUND", "paid_on": now.date()}, by=receptionist)


def test_a_payer_is_charged_for_whom_they_pay(patient):
    child = PatientFactory(responsible_party=patient)
    VisitFactory(patient=child, revenue_cents=300)
    VisitFactory(patient=patient, revenue_cents=50)
    VisitFactory(revenue_cents=7_000)

    assert Visit.objects.charged_to(patient).charged_cents() == 350
    assert Visit.objects.charged_to(child).charged_cents() == 0
