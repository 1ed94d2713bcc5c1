from datetime import timedelta

import pytest

from clinics.models import AuditLog
from conftest import last_audit
from patients.attendance import (
    cancel_appointment,
    check_in,
    complete_appointment,
    confirm_appointment,
    miss_appointment,
    rebook_appointment,
    undo_change,
)
from patients.models import Appointment, AppointmentStatus, Visit
from patients.rules import AppointmentIsClosed, NothingToUndo, ReasonMissing, TimeTaken, TooEarly, UndoTooLate
from patients.scheduling import book_appointment, move_appointment
from patients.tests.conftest import at
from patients.tests.factories import PaymentFactory

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def nine(patient, provider, room, adjustment, receptionist):
    """Iris at nine in chair 1, booked."""
    wish = {"patient": patient, "provider": provider, "room": room, "type": adjustment, "starts_at": at(9)}
    return book_appointment(wish, by=receptionist)


def test_the_front_desk_plays_a_day(nine, receptionist, patient, time_machine):
    confirmed = confirm_appointment(nine, by=receptionist)
    time_machine.move_to(at(8, 55), tick=False)
    here = check_in(nine, by=receptionist)
    time_machine.move_to(at(9, 25), tick=False)
    done = complete_appointment(nine, by=receptionist)

    assert (confirmed.status, here.checked_in_at, done.status) == ("CONFIRMED", at(8, 55), "COMPLETED")
    visit = Visit.objects.get()
    assert (visit.patient, visit.visit_date, visit.revenue_cents, visit.appointment) == (patient, at(9), 18_000, done)
    patient.refresh_from_db()
    assert patient.last_visit_at == at(9)
    actions = list(AuditLog.objects.about(nine).order_by("id").values_list("action", flat=True))
    verbs = [action.rpartition(".")[2] for action in actions]
    assert verbs == ["booked", "confirmed", "checked_in", "completed"]


def test_completing_somebody_who_is_no_patient_writes_no_visit(provider, receptionist, time_machine):
    wish = {"contact_name": "Theo", "contact_phone": "1", "provider": provider, "starts_at": at(9)}
    theo = book_appointment(wish, by=receptionist)
    time_machine.move_to(at(9, 30), tick=False)

    assert complete_appointment(theo, by=receptionist).status == "COMPLETED"
    assert not Visit.objects.exists()


def test_nobody_is_missed_before_it_begins_nor_here_hours_before(nine, receptionist, time_machine):
    time_machine.move_to(at(6, 59), tick=False)

    with pytest.raises(TooEarly):
        miss_appointment(nine, by=receptionist)
    with pytest.raises(TooEarly):
        check_in(nine, by=receptionist)
    with pytest.raises(TooEarly):
        complete_appointment(nine, by=receptionist)


def test_cancel_appointment_wants_a_reason_and_frees_the_time(nine, receptionist, patient, provider):
    with pytest.raises(ReasonMissing):
        cancel_appointment(nine, reason="", by=receptionist)

    cancelled = cancel_appointment(nine, reason="ILLNESS", note="Fever", by=receptionist)

    assert (cancelled.status, cancelled.cancellation_note) == ("CANCELLED", "Fever")
    assert last_audit(nine).after["cancellation_reason"] == "ILLNESS"
    assert book_appointment({"patient": patient, "provider": provider, "starts_at": at(9)}, by=receptionist)


@pytest.mark.parametrize("verb", [confirm_appointment, check_in, complete_appointment, miss_appointment])
def test_what_is_over_stays_over(nine, receptionist, verb, time_machine):
    cancel_appointment(nine, reason="COST", by=receptionist)
    time_machine.move_to(at(10), tick=False)

    with pytest.raises(AppointmentIsClosed):
        verb(nine, by=receptionist)


def test_rebook_appointment_keeps_the_former_as_rescheduled(nine, receptionist, patient, provider):
    wish = {"patient": patient, "provider": provider, "starts_at": at(9, 10)}

    later = rebook_appointment(nine, wish, by=receptionist, key="k")
    again = rebook_appointment(nine, wish, by=receptionist, key="k")

    nine.refresh_from_db()
    assert (nine.status, later.replaces, again) == (AppointmentStatus.RESCHEDULED, nine, later)


def test_rebook_appointment_of_somebody_who_did_not_come_leaves_that_on_record(
    nine, receptionist, patient, provider, time_machine
):
    time_machine.move_to(at(9, 30), tick=False)
    miss_appointment(nine, by=receptionist)

    rebook_appointment(nine, {"patient": patient, "provider": provider, "starts_at": at(14)}, by=receptionist)

    nine.refresh_from_db()
    assert nine.status == AppointmentStatus.NO_SHOW


def test_undo_change_takes_back_a_move(nine, receptionist):
    moved = move_appointment(nine, {"starts_at": at(14), "ends_at": at(14, 20)}, version=1, by=receptionist)

    back = undo_change(moved.event, by=receptionist)

    assert (back.starts_at, back.ends_at, back.version) == (at(9), at(9, 20), 3)
    with pytest.raises(NothingToUndo):
        undo_change(moved.event, by=receptionist)


def test_undo_change_of_done_takes_the_visit_back(nine, receptionist, patient, time_machine):
    time_machine.move_to(at(9, 25), tick=False)
    done = complete_appointment(nine, by=receptionist)

    back = undo_change(done.event, by=receptionist)

    patient.refresh_from_db()
    assert (back.status, back.closed_at, Visit.objects.count()) == ("SCHEDULED", None, 0)
    assert (patient.last_visit_at, patient.visit_count) == (None, 0)


def test_undo_change_keeps_a_visit_that_was_paid_for(nine, receptionist, time_machine):
    time_machine.move_to(at(9, 25), tick=False)
    done = complete_appointment(nine, by=receptionist)
    PaymentFactory(patient=nine.patient, visit=Visit.objects.get())

    undo_change(done.event, by=receptionist)

    assert Visit.objects.count() == 1


def test_undo_change_of_a_cancellation_is_refused_when_the_time_was_given_away(nine, receptionist, patient, provider):
    cancelled = cancel_appointment(nine, reason="COST", by=receptionist)
    book_appointment({"patient": patient, "provider": provider, "starts_at": at(9, 10)}, by=receptionist)

    with pytest.raises(TimeTaken):
        undo_change(cancelled.event, by=receptionist)

    assert Appointment.objects.get(pk=nine.pk).status == "CANCELLED"


def test_undo_change_ends_after_fifteen_minutes(nine, receptionist, time_machine):
    confirmed = confirm_appointment(nine, by=receptionist)
    time_machine.move_to(at(7) + timedelta(minutes=16), tick=False)

    with pytest.raises(UndoTooLate):
        undo_change(confirmed.event, by=receptionist)
