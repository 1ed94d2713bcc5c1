from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.models import StaffNotification
from crm.disagreements import (
    compare_due_leads,
    compare_lead,
    follow_appointment,
    keep_card,
    make_patient,
    move_card,
    undo_keep,
)
from crm.models import Disagreement, LeadStatus
from crm.pipeline import move_lead
from crm.rules import ReasonToKeepMissing, SettledAlready
from crm.tests.factories import LeadFactory
from patients.models import AppointmentStatus
from patients.tests.factories import AppointmentFactory, PatientFactory

Kind = Disagreement.Kind
DAY = timedelta(days=1)


@pytest.fixture
def book(clinic, coordinator, stages):
    """A lead in a stage, with a consultation some days from now."""

    def book(stage, days=1, status=AppointmentStatus.SCHEDULED, **facts):
        begins = timezone.now() + days * DAY
        facts = {"cancellation_reason": "PATIENT"} | facts if status == AppointmentStatus.CANCELLED else facts
        appointment = AppointmentFactory(starts_at=begins, ends_at=begins + DAY / 24, status=status, **facts)
        return LeadFactory(
            stage=stages[stage], assigned_to=coordinator, consultation=appointment, status=LeadStatus.ACTIVE
        )

    return book


def kind_of(lead):
    found = compare_lead(lead.pk)
    return found and found.kind


@pytest.mark.parametrize(
    "stage, days, status, kind",
    [
        ("contacted", 1, "SCHEDULED", Kind.BOOKED),
        ("consultation_scheduled", 1, "SCHEDULED", None),
        ("pending_decision", 1, "CONFIRMED", Kind.NOT_YET),
        ("consultation_scheduled", -1, "COMPLETED", Kind.ATTENDED),
        ("consultation_completed", -1, "COMPLETED", None),
        ("consultation_scheduled", -1, "NO_SHOW", Kind.MISSED),
        ("consultation_scheduled", 1, "CANCELLED", Kind.NOTHING_BOOKED),
        ("consultation_scheduled", -1, "SCHEDULED", Kind.NO_OUTCOME),
        ("contacted", 1, "CANCELLED", None),
    ],
)
def test_what_card_and_schedule_say_otherwise(book, stage, days, status, kind):
    assert kind_of(book(stage, days, status)) == kind


@pytest.mark.parametrize("days, status, stage", [(1, "SCHEDULED", "scheduled"), (-1, "COMPLETED", "completed")])
def test_a_card_follows_its_consultation_forward(book, stages, days, status, stage):
    lead = book("contacted", days, status)

    follow_appointment(lead.consultation_id)
    follow_appointment(lead.consultation_id)

    lead.refresh_from_db()
    assert lead.stage == stages[f"consultation_{stage}"]
    assert lead.stage_changes.standing().count() == 1
    assert not Disagreement.objects.exists()


def test_a_card_never_goes_back_and_is_flagged_instead(book, stages):
    lead = book("treatment_accepted", 1)

    follow_appointment(lead.consultation_id)

    lead.refresh_from_db()
    assert lead.stage == stages["treatment_accepted"]
    assert Disagreement.objects.open().get().kind == Kind.NOT_YET


def test_a_missed_consultation_is_told_to_the_coordinator(book, coordinator):
    lead = book("consultation_scheduled", -1, "NO_SHOW")

    follow_appointment(lead.consultation_id)

    assert StaffNotification.objects.get(member=coordinator).text == f"{lead} did not come. Call, and book another day."
    assert Disagreement.objects.open().get().kind == Kind.MISSED


def test_another_day_takes_the_place_of_the_former(book):
    lead = book("consultation_scheduled", -1, "NO_SHOW")
    compare_lead(lead.pk)
    begins = timezone.now() + 3 * DAY
    again = AppointmentFactory(starts_at=begins, ends_at=begins + DAY / 24, replaces=lead.consultation)

    follow_appointment(again.pk)

    lead.refresh_from_db()
    assert lead.consultation == again
    assert not Disagreement.objects.open().exists()


def test_what_was_done_by_mistake_takes_the_card_back(book, stages):
    lead = book("consultation_scheduled", -0.01, "COMPLETED")
    follow_appointment(lead.consultation_id)
    lead.consultation.status = AppointmentStatus.CONFIRMED
    lead.consultation.save()

    follow_appointment(lead.consultation_id)

    lead.refresh_from_db()
    assert lead.stage == stages["consultation_scheduled"]


def test_one_press_moves_the_card(book, coordinator, stages):
    lead = book("contacted", -1, "COMPLETED")
    disagreement = compare_lead(lead.pk)

    move_card(disagreement, by=coordinator)

    lead.refresh_from_db()
    disagreement.refresh_from_db()
    assert (lead.stage, disagreement.resolution) == (stages["consultation_completed"], "MOVED")
    with pytest.raises(SettledAlready):
        move_card(disagreement, by=coordinator)


def test_one_press_makes_a_patient_of_whoever_is_treated_already(book, coordinator):
    patient = PatientFactory()
    lead = book("consultation_completed", -9, "COMPLETED", patient=patient)
    again = timezone.now() - DAY
    AppointmentFactory(starts_at=again, ends_at=again + DAY / 24, status="COMPLETED", patient=patient)
    disagreement = compare_lead(lead.pk)
    assert disagreement.kind == Kind.TREATED

    make_patient(disagreement, by=coordinator)

    lead.refresh_from_db()
    disagreement.refresh_from_db()
    assert (lead.converted_to_patient, lead.stage.slug, disagreement.resolution) == (
        patient,
        "treatment_started",
        "MOVED",
    )
    with pytest.raises(SettledAlready):
        make_patient(disagreement, by=coordinator)


def test_a_card_that_is_kept_stays_quiet_until_something_else_is_to_be_said(book, coordinator):
    lead = book("consultation_scheduled", 1, "CANCELLED")
    disagreement = compare_lead(lead.pk)
    with pytest.raises(ReasonToKeepMissing):
        keep_card(disagreement, " ", by=coordinator)

    keep_card(disagreement, "They call back on Friday", by=coordinator)
    assert kind_of(lead) is None

    undo_keep(disagreement, by=coordinator)
    assert Disagreement.objects.open().get() == disagreement


def test_time_that_passes_is_noticed_by_the_look_through_the_clinic(clinic, book, coordinator, stages):
    unsaid, moved_on = book("consultation_scheduled", -1), book("contacted", 1)
    compare_lead(moved_on.pk)
    move_lead(moved_on, stages["consultation_scheduled"], by=coordinator)

    compare_due_leads(clinic)

    assert Disagreement.objects.open().get().lead == unsaid


def test_a_lost_lead_that_is_booked_is_noticed(book, coordinator, stages):
    lead = book("consultation_scheduled", 1)
    move_lead(lead, stages["lost"], by=coordinator, lost_reason="COST")

    assert kind_of(lead) == Kind.LOST
