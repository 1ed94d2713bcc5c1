from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from clinics.tests.factories import LocationFactory
from conftest import last_audit
from patients.models import Appointment, AppointmentStatus
from patients.rules import (
    EndsBeforeItBegins,
    NobodyBooked,
    NotAtWork,
    PatientIsGone,
    ProviderHasLeft,
    RoomElsewhere,
    SomebodyWasFaster,
    TimeIsPast,
    TimeTaken,
)
from patients.scheduling import book_appointment, move_appointment
from patients.tests.conftest import at
from patients.tests.factories import AppointmentFactory, PatientFactory, ProviderFactory, ScheduleBlockFactory

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def wish(patient, provider, room, adjustment):
    """What is asked for: Iris, Monday at nine, in chair 1."""
    return {"patient": patient, "provider": provider, "room": room, "type": adjustment, "starts_at": at(9)}


def test_book_appointment_fills_in_what_follows(wish, receptionist, location):
    appointment = book_appointment(wish, by=receptionist)

    appointment.refresh_from_db()
    assert (appointment.ends_at, appointment.location, appointment.status) == (at(9, 20), location, "SCHEDULED")
    assert appointment.estimated_revenue_cents == 18_000
    assert last_audit(appointment).action == "patients.appointment.booked"


def test_book_appointment_takes_somebody_who_is_no_patient_yet(wish, receptionist):
    contact = {"contact_name": "Theo Brandt", "contact_phone": "+13125550199"}

    appointment = book_appointment(wish | {"patient": None} | contact, by=receptionist)

    assert (appointment.patient, appointment.who, appointment.reached_at) == (None, "Theo Brandt", "+13125550199")


def test_book_appointment_twice_with_one_key_books_once(wish, receptionist):
    first = book_appointment(wish, by=receptionist, key="once")

    assert book_appointment(wish, by=receptionist, key="once") == first
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize("start", [at(8, 45), at(9), at(9, 10), at(9, 19)])
def test_one_provider_has_one_appointment_at_a_time(wish, receptionist, start):
    book_appointment(wish, by=receptionist)

    with pytest.raises(TimeTaken, match=r"Dr\. Amara Nwosu has another"):
        book_appointment(wish | {"room": None, "patient": PatientFactory(), "starts_at": start}, by=receptionist)


def test_one_room_has_one_appointment_at_a_time_whoever_treats(wish, receptionist, location):
    book_appointment(wish, by=receptionist)
    other = ProviderFactory(location=location)

    with pytest.raises(TimeTaken, match="Chair 1 is in use"):
        book_appointment(wish | {"provider": other}, by=receptionist)


def test_one_appointment_may_begin_when_another_ends(wish, receptionist):
    book_appointment(wish, by=receptionist)

    assert book_appointment(wish | {"starts_at": at(9, 20)}, by=receptionist).starts_at == at(9, 20)


def test_what_was_cancelled_or_missed_holds_no_time(wish, receptionist):
    appointment = book_appointment(wish, by=receptionist)
    Appointment.objects.filter(pk=appointment.pk).update(status=AppointmentStatus.NO_SHOW)

    assert book_appointment(wish, by=receptionist).pk != appointment.pk


@pytest.mark.parametrize("place", ["provider", "room"])
def test_the_database_itself_refuses_an_overlap_to_the_minute(wish, place):
    kept = {"patient": wish["patient"], place: wish[place]}
    Appointment.objects.create(**kept, starts_at=at(9), ends_at=at(9, 20))

    Appointment.objects.create(**kept, starts_at=at(9, 20), ends_at=at(9, 21))
    with pytest.raises(IntegrityError, match="appointment_one_at_a_time"), transaction.atomic():
        Appointment.objects.create(**kept, starts_at=at(9, 19), ends_at=at(9, 20))


def test_the_database_lets_an_emr_book_over_another(wish):
    kept = {"patient": wish["patient"], "provider": wish["provider"], "ends_at": at(9, 20), "starts_at": at(9)}
    Appointment.objects.create(**kept)

    assert Appointment.objects.create(**kept, may_overlap=True).pk


@pytest.mark.parametrize("change", [{"starts_at": at(7, 50)}, {"starts_at": at(16, 50)}, {"starts_at": at(9, day=12)}])
def test_outside_of_working_hours_it_is_booked_only_when_asked_twice(wish, receptionist, change):
    with pytest.raises(NotAtWork, match="does not work"):
        book_appointment(wish | change, by=receptionist)

    assert book_appointment(wish | change, by=receptionist, anyway=True).pk


def test_a_blocked_time_is_refused_with_its_reason(wish, receptionist, provider):
    ScheduleBlockFactory(provider=provider, starts_at=at(9, 10), ends_at=at(10), reason="Team meeting")

    with pytest.raises(NotAtWork, match="Team meeting"):
        book_appointment(wish, by=receptionist)


def test_a_day_off_of_the_clinic_is_refused(wish, receptionist, clinic):
    clinic.holidays = ["2026-12-07"]
    clinic.save()

    with pytest.raises(NotAtWork):
        book_appointment(wish, by=receptionist)


def test_the_past_is_booked_only_when_asked_twice(wish, receptionist):
    yesterday = {"starts_at": at(9, day=4)}
    with pytest.raises(TimeIsPast):
        book_appointment(wish | yesterday, by=receptionist)

    assert book_appointment(wish | yesterday, by=receptionist, anyway=True).pk


def test_nobody_and_the_deleted_are_not_booked(wish, receptionist, patient, now):
    with pytest.raises(NobodyBooked):
        book_appointment(wish | {"patient": None}, by=receptionist)
    patient.deleted_at = now
    patient.save()
    with pytest.raises(PatientIsGone):
        book_appointment(wish, by=receptionist)


def test_who_left_and_rooms_elsewhere_are_not_booked(wish, receptionist, room, provider):
    with pytest.raises(RoomElsewhere):
        book_appointment(wish | {"location": LocationFactory(name="Oak Park")}, by=receptionist)
    provider.is_active = False
    provider.save()
    with pytest.raises(ProviderHasLeft):
        book_appointment(wish, by=receptionist)


@pytest.mark.parametrize("minutes", [4, 601])
def test_an_appointment_lasts_from_five_minutes_to_ten_hours(wish, receptionist, minutes):
    with pytest.raises(EndsBeforeItBegins):
        book_appointment(wish | {"duration_minutes": minutes}, by=receptionist)


def test_move_appointment_keeps_what_was_on_record(wish, receptionist):
    appointment = book_appointment(wish, by=receptionist)

    moved = move_appointment(
        appointment, {"starts_at": at(10), "ends_at": at(10, 20)}, version=appointment.version, by=receptionist
    )

    assert (moved.starts_at, moved.version) == (at(10), 2)
    event = last_audit(appointment)
    assert event.action == "patients.appointment.moved"
    assert event.before["starts_at"].startswith("2026-12-07T14:00:00") or "09:00" in event.before["starts_at"]


def test_move_appointment_over_another_is_refused_and_changes_nothing(wish, receptionist):
    appointment = book_appointment(wish, by=receptionist)
    book_appointment(wish | {"starts_at": at(11)}, by=receptionist)

    with pytest.raises(TimeTaken):
        move_appointment(appointment, {"starts_at": at(11, 10), "ends_at": at(11, 30)}, version=1, by=receptionist)

    appointment.refresh_from_db()
    assert appointment.starts_at == at(9)


def test_move_appointment_over_somebodys_newer_move_is_refused(wish, receptionist):
    appointment = book_appointment(wish, by=receptionist)
    later = {"starts_at": at(10), "ends_at": at(10, 20)}
    move_appointment(appointment, later, version=1, by=receptionist)

    with pytest.raises(SomebodyWasFaster) as faster:
        move_appointment(appointment, {"starts_at": at(11), "ends_at": at(11, 20)}, version=1, by=receptionist)

    assert faster.value.current.starts_at == at(10)


def test_an_appointment_of_two_hours_overlaps_one_in_its_middle(wish, receptionist):
    AppointmentFactory(provider=wish["provider"], starts_at=at(10), ends_at=at(10) + timedelta(hours=2))

    with pytest.raises(TimeTaken):
        book_appointment(wish | {"starts_at": at(11)}, by=receptionist)
