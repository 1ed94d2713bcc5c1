import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from clinics.tests.factories import LocationFactory
from patients.models import AppointmentType
from patients.tests.factories import PatientFactory, ProviderFactory, RoomFactory

NEW_YORK = ZoneInfo("America/New_York")


def at(hour, minute=0, *, day=7):
    """A moment of December 2026 by the clock of New York; the 7th is a Monday."""
    return datetime(2026, 12, day, hour, minute, tzinfo=NEW_YORK)


def toast_in(response):
    """The one toast that an answer to htmx carries."""
    [note] = json.loads(response["HX-Trigger"])["toast"]
    return note


@pytest.fixture
def now(time_machine):
    """Monday, December 7, 2026, 7 o'clock in New York, where the clinic is: a request or task reads its clock."""
    time_machine.move_to(at(7), tick=False)
    with timezone.override(NEW_YORK):
        yield at(7).astimezone(UTC)


@pytest.fixture
def location(clinic):
    return LocationFactory(name="Downtown")


@pytest.fixture
def provider(location):
    return ProviderFactory(name="Dr. Amara Nwosu", location=location)


@pytest.fixture
def room(location):
    return RoomFactory(name="Chair 1", location=location)


@pytest.fixture
def patient(clinic):
    return PatientFactory(first_name="Iris", last_name="Falk", phone="+13125550101")


@pytest.fixture
def adjustment(clinic):
    """The preset's type of 20 minutes."""
    return AppointmentType.objects.get(name="Adjustment")
