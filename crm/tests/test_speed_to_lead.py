from datetime import datetime, timedelta

import pytest

from clinics.models import Location
from crm.models import LeadStatus
from crm.speed_to_lead import time_to_first_contact
from crm.tests.factories import LeadFactory


@pytest.fixture(autouse=True)
def rows(stages):
    """Factories look their stage and source up."""


@pytest.fixture
def moment(clinic):
    """moment("Mon 10:00"): that time of a June week, where the clinic is."""
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    def read(text):
        day, clock = text.split()
        wall = datetime.fromisoformat(f"2026-06-{days.index(day) + 1:02d}T{clock}")
        return wall.replace(tzinfo=clinic.zone)

    return read


@pytest.fixture
def clock_at(clinic, moment):
    """clock_at("Mon 10:02", asked="Mon 10:00"): the clock as it stands at a moment."""

    def read(now, *, asked, seconds=0, **facts):
        lead = LeadFactory.build(clinic=clinic, captured_at=moment(asked), **facts)
        return time_to_first_contact(lead, clinic, moment(now) + timedelta(seconds=seconds))

    return read


@pytest.mark.parametrize(
    ("now", "seconds", "state", "shown"),
    [
        ("Mon 10:01", 24, "running", "3:36"),
        ("Mon 10:04", 12, "soon", "0:48"),
        ("Mon 10:05", 0, "missed", "0:00"),
    ],
)
def test_time_to_first_contact_counts_down(clock_at, now, seconds, state, shown):
    clock = clock_at(now, asked="Mon 10:00", seconds=seconds)

    assert (clock.state, clock.shown) == (state, shown)


def test_time_to_first_contact_waits_while_the_clinic_is_closed(clock_at, moment):
    clock = clock_at("Sat 11:00", asked="Fri 16:58")

    assert (clock.state, clock.shown) == ("waiting", "3:00")
    assert (clock.opens_at - moment("Sat 08:00")) == timedelta(days=2)
    assert clock.due_at - clock.opens_at == timedelta(minutes=3)


def test_time_to_first_contact_says_how_long_it_is_missed_in_open_hours(clock_at):
    assert clock_at("Mon 10:19", asked="Mon 10:00").minutes_over == 14
    assert clock_at("Mon 10:19", asked="Mon 10:00").hours_over == 0
    assert clock_at("Mon 16:00", asked="Mon 10:00").hours_over == 5
    assert clock_at("Tue 09:00", asked="Mon 16:00").minutes_over == 115


def test_time_to_first_contact_is_silent_after_a_day(clock_at):
    assert clock_at("Tue 10:06", asked="Mon 10:00") is None


def test_time_to_first_contact_keeps_the_hours_of_the_location(clinic, clock_at):
    late = Location.objects.create(name="Late desk", business_hours={"0": [["18:00", "20:00"]]})

    assert clock_at("Mon 10:01", asked="Mon 10:00", location=late).state == "waiting"
    assert clock_at("Mon 18:02", asked="Mon 10:00", location=late).shown == "3:00"


def test_time_to_first_contact_has_nothing_to_say_where_nobody_ever_opens(clinic, clock_at):
    clinic.business_hours = {}

    assert clock_at("Mon 10:01", asked="Mon 10:00") is None


def test_time_to_first_contact_ends_with_the_first_contact(clock_at, moment):
    assert clock_at("Mon 10:01", asked="Mon 10:00", first_contacted_at=moment("Mon 10:00")) is None
    assert clock_at("Mon 10:01", asked="Mon 10:00", status=LeadStatus.ACTIVE) is None
