from datetime import date

import pytest
from django.urls import reverse

from conftest import next_door
from patients.attendance import cancel_appointment
from patients.models import (
    Appointment,
    FreedTime,
    PartOfDay,
    ProviderType,
    RoomKind,
    ScheduleBlock,
    WaitlistEntry,
    WaitlistStatus,
)
from patients.rules import NobodyBooked
from patients.tests.conftest import at
from patients.tests.factories import (
    AppointmentFactory,
    AppointmentTypeFactory,
    PatientFactory,
    ProviderFactory,
    RoomFactory,
    ScheduleBlockFactory,
    WaitlistEntryFactory,
)
from patients.waitlist import join_waitlist, leave_waitlist, return_to_waitlist

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def freed(provider, location, receptionist):
    """Nine o'clock on Wednesday, given up."""
    appointment = AppointmentFactory(
        provider=provider, location=location, starts_at=at(9, day=9), ends_at=at(9, 30, day=9)
    )
    return cancel_appointment(appointment, reason="ILLNESS", by=receptionist).freed


@pytest.mark.parametrize(
    ("wishes", "fits"),
    [
        ({}, True),
        ({"part_of_day": PartOfDay.MORNING}, True),
        ({"part_of_day": PartOfDay.AFTERNOON}, False),
        ({"earliest_on": date(2026, 12, 9), "latest_on": date(2026, 12, 9)}, True),
        ({"earliest_on": date(2026, 12, 10)}, False),
        ({"latest_on": date(2026, 12, 8)}, False),
        ({"status": WaitlistStatus.WITHDRAWN}, False),
    ],
)
def test_a_freed_time_is_offered_to_whom_it_suits(freed, wishes, fits):
    entry = WaitlistEntryFactory(**wishes)

    assert list(WaitlistEntry.objects.fitting(freed)) == ([entry] if fits else [])


def test_a_freed_time_fits_by_provider_and_length(freed, provider, adjustment):
    bonding = type(adjustment).objects.get(name="Bonding")
    WaitlistEntryFactory(provider=ProviderFactory())
    WaitlistEntryFactory(type=bonding)
    entry = WaitlistEntryFactory(provider=provider, type=adjustment)

    assert list(WaitlistEntry.objects.fitting(freed)) == [entry]


def test_a_freed_time_is_offered_only_for_what_can_take_place_then(freed, provider, adjustment, location):
    laser = AppointmentTypeFactory(room_kind=RoomKind.objects.create(name="Laser"), duration_minutes=20)
    cleaning = AppointmentTypeFactory(name="Cleaning", duration_minutes=20)
    ProviderType.objects.bulk_create(ProviderType(provider=provider, type=kind) for kind in (adjustment, laser))
    theirs, roomless, _others = (WaitlistEntryFactory(type=kind) for kind in (adjustment, laser, cleaning))

    assert list(WaitlistEntry.objects.fitting(freed)) == [theirs]
    room = RoomFactory(kind=laser.room_kind, location=location)
    assert list(WaitlistEntry.objects.fitting(freed)) == [theirs, roomless]
    ScheduleBlockFactory(room=room, provider=None, starts_at=at(9, 10, day=9), ends_at=at(9, 20, day=9))
    assert list(WaitlistEntry.objects.fitting(freed)) == [theirs]


def test_a_freed_time_that_was_blocked_meanwhile_is_not_free(freed, provider):
    block = ScheduleBlockFactory(provider=ProviderFactory(), starts_at=at(8, day=9), ends_at=at(12, day=9))
    assert FreedTime.objects.still_free().exists()

    ScheduleBlock.objects.filter(pk=block.pk).update(provider=provider)
    assert not FreedTime.objects.still_free().exists()


def test_who_gave_a_time_up_is_not_offered_it(freed):
    WaitlistEntryFactory(patient=freed.appointment.patient)

    assert not WaitlistEntry.objects.fitting(freed).exists()


def test_join_waitlist_once_leave_it_and_come_back(patient, receptionist):
    entry = join_waitlist({"patient": patient}, by=receptionist, key="k")
    assert join_waitlist({"patient": patient}, by=receptionist, key="k") == entry

    leave_waitlist(entry, by=receptionist)
    assert not WaitlistEntry.objects.waiting().exists()
    return_to_waitlist(entry, by=receptionist)
    assert WaitlistEntry.objects.waiting().get() == entry
    with pytest.raises(NobodyBooked):
        join_waitlist({"note": "somebody"}, by=receptionist)


def test_cancelling_leads_to_who_could_come(htmx_of, receptionist, freed):
    entry = WaitlistEntryFactory(patient__first_name="Ida", patient__last_name="Berg")
    client = htmx_of(receptionist)

    offer = client.get(reverse("patients:waitlist_offer", args=[freed.pk]))
    assert "Ida Berg" in offer.text

    client.post(reverse("patients:waitlist_take", args=[freed.pk, entry.pk]))
    assert Appointment.objects.standing().get().patient == entry.patient


def test_waitlist_pages(client_of, receptionist, viewer, patient):
    client = client_of(receptionist)

    client.post(reverse("patients:waitlist_join"), {"patient": patient.pk, "part_of_day": "MORNING"})
    assert "Iris Falk" in client_of(viewer).get(reverse("patients:waitlist")).text

    entry = WaitlistEntry.objects.get()
    assert client_of(viewer).post(reverse("patients:waitlist_leave", args=[entry.pk])).status_code == 403
    client.post(reverse("patients:waitlist_leave", args=[entry.pk]))
    assert not WaitlistEntry.objects.waiting().exists()


def test_waitlist_join_refuses_a_last_day_before_the_first(client_of, receptionist, patient):
    sent = {"patient": patient.pk, "part_of_day": "ANY", "earliest_on": "2026-12-10", "latest_on": "2026-12-09"}

    assert client_of(receptionist).post(reverse("patients:waitlist_join"), sent).status_code == 422


def test_a_waiting_list_of_another_clinic_is_not_found(client_of, receptionist, other_clinic, freed):
    with next_door(other_clinic):
        stranger = WaitlistEntryFactory(patient=PatientFactory())

    for name, args in [("waitlist_leave", [stranger.pk]), ("waitlist_take", [freed.pk, stranger.pk])]:
        assert client_of(receptionist).post(reverse(f"patients:{name}", args=args)).status_code == 404
