from datetime import timedelta

import pytest
from django.utils import timezone

from crm.models import LeadStatus
from crm.speed_to_lead import time_to_first_contact
from crm.tests.factories import LeadFactory


def clock_after(clinic, **age):
    now = timezone.now()
    return time_to_first_contact(LeadFactory.build(clinic=clinic, captured_at=now - timedelta(**age)), clinic, now)


@pytest.fixture(autouse=True)
def rows(stages):
    """Factories look their stage and source up."""


@pytest.mark.parametrize(
    ("age", "state", "shown"),
    [
        ({"seconds": 84}, "running", "3:36"),
        ({"minutes": 4, "seconds": 12}, "soon", "0:48"),
        ({"minutes": 5}, "missed", "0:00"),
    ],
)
def test_time_to_first_contact_counts_down(clinic, age, state, shown):
    clock = clock_after(clinic, **age)

    assert (clock.state, clock.shown) == (state, shown)


def test_time_to_first_contact_says_how_long_it_is_missed(clinic):
    assert clock_after(clinic, minutes=19).minutes_over == 14
    assert clock_after(clinic, minutes=19).hours_over == 0
    assert clock_after(clinic, hours=6).hours_over == 5


def test_time_to_first_contact_is_silent_after_a_day(clinic):
    assert clock_after(clinic, days=1, minutes=6) is None


def test_time_to_first_contact_ends_with_the_first_contact(clinic):
    now = timezone.now()

    assert time_to_first_contact(LeadFactory.build(first_contacted_at=now), clinic, now) is None
    assert time_to_first_contact(LeadFactory.build(status=LeadStatus.ACTIVE), clinic, now) is None
