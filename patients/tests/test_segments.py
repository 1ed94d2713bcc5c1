from datetime import timedelta

import pytest

from conftest import last_audit
from patients.models import Patient, Segment, SegmentChange
from patients.segments import (
    Thresholds,
    due_segment,
    follow_many,
    follow_visits,
    settle_recalls,
    settle_some,
    standing_of,
    usual_interval,
    why,
)
from patients.tests.factories import AppointmentFactory, PatientFactory, VisitFactory

USUAL = Thresholds()


def days_ago(now, *days):
    return [now - timedelta(days=each) for each in days]


@pytest.mark.parametrize(
    ("days", "interval"),
    [
        ((), None),
        ((10,), None),
        ((40, 10), None),
        ((70, 40, 10), 30),
        ((70, 70, 40, 40, 10), 30),
        ((300, 40, 30, 20), 10),
    ],
)
def test_usual_interval_is_the_median_of_the_gaps_between_days(now, days, interval):
    assert usual_interval(days_ago(now, *days)) == interval


CASES = [
    # first visit, last visit (days ago), usual interval -> segment
    (None, None, None, Segment.NEW),
    (30, 30, None, Segment.NEW),
    (89, 60, 10, Segment.NEW),
    (91, 60, None, Segment.ACTIVE),
    (400, 45, 30, Segment.ACTIVE),
    (400, 46, 30, Segment.AT_RISK),
    (400, 179, 130, Segment.ACTIVE),
    (400, 180, 130, Segment.DORMANT),
    (180, 180, None, Segment.DORMANT),
]


@pytest.mark.parametrize(("first", "last", "interval", "segment"), CASES)
def test_standing_in_python_and_in_the_database_agree(clinic, now, first, last, interval, segment):
    patient = PatientFactory(
        first_visit_at=first and now - timedelta(days=first),
        last_visit_at=last and now - timedelta(days=last),
        usual_interval_days=interval,
    )

    assert standing_of(patient, USUAL, now) == segment
    assert Patient.objects.annotate(due=due_segment(USUAL, now)).get().due == segment


@pytest.mark.parametrize(
    ("risk", "dormant", "days", "segment"),
    [(60, None, 61, Segment.AT_RISK), (60, None, 59, Segment.ACTIVE), (None, 40, 40, Segment.DORMANT)],
)
def test_the_thresholds_of_the_last_service_go_first(clinic, now, adjustment, risk, dormant, days, segment):
    adjustment.risk_after_days, adjustment.dormant_after_days = risk, dormant
    adjustment.save()
    long_ago = {"first_visit_at": now - timedelta(days=400), "last_visit_at": now - timedelta(days=days)}
    patient = PatientFactory(usual_interval_days=1000, last_service=adjustment, **long_ago)

    assert standing_of(patient, USUAL, now) == segment
    assert Patient.objects.annotate(due=due_segment(USUAL, now)).get().due == segment
    if segment == Segment.AT_RISK:
        assert why(patient, USUAL, now) == "The last visit was 61 days ago; at risk from 60 days after Adjustment on."


def test_follow_visits_says_when_they_are_due_again(clinic, now, patient, adjustment):
    VisitFactory(patient=patient, visit_date=now - timedelta(days=10), visit_type="Adjustment")

    patient = follow_visits(patient)
    assert (patient.last_service, patient.recall_due_on) == (adjustment, (now + timedelta(days=32)).date())

    adjustment.recall_interval_days = 50
    adjustment.save()
    assert (settle_recalls(clinic), settle_recalls(clinic)) == (1, 0)
    patient.refresh_from_db()
    assert patient.recall_due_on == (now + timedelta(days=40)).date()


def test_why_says_how_long_and_how_often(clinic, now):
    patient = PatientFactory(
        first_visit_at=now - timedelta(days=400), last_visit_at=now - timedelta(days=50), usual_interval_days=30
    )

    assert why(patient, USUAL, now) == "The last visit was 50 days ago; they come usually every 30 days."


def test_follow_visits_keeps_the_figures_and_the_segment_true(clinic, now, patient):
    for moment in days_ago(now, 130, 100, 70):
        VisitFactory(patient=patient, visit_date=moment)

    patient = follow_visits(patient)

    assert (patient.visit_count, patient.usual_interval_days, patient.segment) == (3, 30, Segment.AT_RISK)
    change = SegmentChange.objects.get()
    assert (change.from_segment, change.to_segment, change.days_since) == ("NEW", "AT_RISK", 70)
    assert last_audit(patient).action == "patients.patient.segment_changed"


def test_the_sweep_moves_those_whose_time_has_come_and_no_others(clinic, now):
    gone = PatientFactory(
        segment=Segment.ACTIVE, first_visit_at=now - timedelta(days=400), last_visit_at=now - timedelta(days=190)
    )
    PatientFactory(
        segment=Segment.ACTIVE, first_visit_at=now - timedelta(days=400), last_visit_at=now - timedelta(days=20)
    )

    assert (settle_some(clinic, now=now), settle_some(clinic, now=now)) == (1, 0)
    gone.refresh_from_db()
    assert gone.segment == Segment.DORMANT


def test_a_clinic_sets_its_own_thresholds(clinic, now):
    clinic.patient_dormant_days = 60
    patient = PatientFactory(first_visit_at=now - timedelta(days=400), last_visit_at=now - timedelta(days=61))

    assert standing_of(patient, Thresholds.of(clinic), now) == Segment.DORMANT


def test_many_are_followed_as_one_is(clinic, now, adjustment):
    facts = ("visit_count", "first_visit_at", "last_visit_at", "usual_interval_days", "last_service", "recall_due_on")
    people = [PatientFactory() for _each in range(3)]
    for moment in days_ago(now, 300, 270, 240):
        VisitFactory(patient=people[0], visit_date=moment, visit_type="Adjustment")
    booked = AppointmentFactory(patient=people[1], type=adjustment)
    VisitFactory(patient=people[1], visit_date=now - timedelta(days=10), appointment=booked)

    follow_many([each.pk for each in people], now=now)

    many = list(Patient.objects.order_by("pk").values_list(*facts, "segment"))
    assert [row[4] for row in many] == [adjustment.pk, adjustment.pk, None]
    for patient in people:
        follow_visits(patient)
    assert list(Patient.objects.order_by("pk").values_list(*facts, "segment")) == many
