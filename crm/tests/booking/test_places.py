"""A booking page of several places, where not everybody does everything."""

import pytest
from django.urls import reverse

from clinics.tests.factories import LocationFactory
from conftest import Browser
from crm.tests.booking.visitor import ANA, NINE
from patients.models import Appointment, AppointmentType, ProviderType
from patients.tests.factories import ProviderFactory, WorkingHoursFactory


@pytest.fixture
def chicago(form):
    """Another place, an hour behind New York, where Mei gives consultations and nothing else; the page is of both."""
    form.location = None
    form.save()
    place = LocationFactory(name="Uptown", time_zone="America/Chicago")
    mei = ProviderFactory(name="Mei Tanaka", location=place)
    for day in range(5):
        WorkingHoursFactory(provider=mei, weekday=day, opens_at="08:00", closes_at="09:00")
    ProviderType.objects.create(provider=mei, type=AppointmentType.objects.get(name="Consultation"))
    return place


def test_first_comes_what_for_and_then_only_those_who_do_it(form, chicago, consultation):
    emergency = AppointmentType.objects.get(name="Emergency")

    start = Browser().get(form.public_path)
    of_both = Browser().get(form.public_path, {"type": consultation.pk})
    of_one = Browser().get(form.public_path, {"type": emergency.pk})

    assert "Emergency" in start.text and "Dr. Amara Nwosu" not in start.text
    assert "Mei Tanaka" in of_both.text and "Wherever is free first" in of_both.text
    assert "Dr. Amara Nwosu" in of_one.text
    assert "Mei Tanaka" not in of_one.text and "Wherever is free first" not in of_one.text


def test_times_of_each_place_are_told_by_its_own_clock_and_booked_there(form, chicago, consultation, book):
    times = reverse("crm:booking_times", args=[form.token])

    page = Browser().get(times, {"type": consultation.pk, "day": "2026-12-09"})
    there = [slots for place, _part, slots in page.context["days"].chosen.groups if place == chicago]
    answer = book(ANA | {"slot": f"{NINE}@{chicago.pk}", "provider": ""})

    assert "Downtown by that of New York, Uptown by that of Chicago." in page.text
    assert [f"{slot.local:%H:%M}" for slots in there for slot in slots] == ["08:00"]
    booked = Appointment.objects.get()
    assert (answer.status_code, booked.location, booked.provider.name) == (303, chicago, "Mei Tanaka")
