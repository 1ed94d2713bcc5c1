from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.models import LeadClock, LeadSource
from crm.speed_figures import read_speed
from crm.tests.factories import LeadFactory

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 6, 1, 9, 0, tzinfo=NEW_YORK)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock(clinic, coordinator, owner):
    """A lead that asked some minutes after Monday 9:00, answered after `took` minutes or not at all, due after five."""

    def clock(member, after, took=None, source=None, **facts):
        asked = MONDAY + after * MINUTE
        lead = LeadFactory(captured_at=asked, source=source or LeadSource.objects.order_by("name").first())
        answered = {} if took is None else {"contacted_at": asked + took * MINUTE, "seconds": took * 60}
        return LeadClock.objects.create(
            lead=lead, member=member, started_at=asked, due_at=asked + 5 * MINUTE, **answered | facts
        )

    return clock


def test_read_speed_against_figures_counted_by_hand(clock, coordinator, owner):
    first, second = LeadSource.objects.order_by("name")[:2]
    clock(coordinator, 0, took=2, source=first)
    clock(coordinator, 1, took=5, source=first, automatic_at=MONDAY)
    clock(coordinator, 2, took=9, source=second)
    clock(owner, 61, source=second)  # never answered
    clock(owner, 128)  # not due yet

    with timezone.override(NEW_YORK):
        everything, members, sources, hours = read_speed(
            MONDAY - MINUTE, MONDAY + timedelta(days=1), now=MONDAY + 130 * MINUTE
        )

    assert (everything.leads, everything.in_time, everything.late, everything.waiting) == (5, 2, 2, 1)
    assert (everything.share, everything.median_minutes, everything.automatic) == (0.5, 5.0, 1)
    assert [(speed.label, speed.in_time, speed.late) for speed in members] == [
        (coordinator.display_name, 2, 1),
        (owner.display_name, 0, 1),
    ]
    assert {speed.key: (speed.in_time, speed.late) for speed in sources} == {first.pk: (2, 0), second.pk: (0, 2)}
    assert [(speed.label, speed.leads) for speed in hours if speed.leads] == [("09:00", 3), ("10:00", 1), ("11:00", 1)]


def test_read_speed_leaves_out_other_days_and_deleted_leads(clock, coordinator):
    gone = clock(coordinator, 0, took=1).lead
    gone.deleted_at = timezone.now()
    gone.save()
    clock(coordinator, 24 * 60, took=1)

    assert read_speed(MONDAY, MONDAY + timedelta(days=1))[0].leads == 0


def test_speed_report_shows_pictures_tables_and_files(clock, coordinator, owner, client_of):
    clock(coordinator, 0, took=2)
    clock(owner, 3, took=30)
    client, query = client_of(owner), "?first=2026-06-01&last=2026-06-01"

    page = client.get(reverse("crm:speed_report") + query).content.decode()
    file = client.get(reverse("crm:speed_report") + query + "&table=coordinators&format=csv").content.decode()

    assert "Most often Renata Vasquez (100%), least often Olga Vasquez (0%)." in page
    assert "Renata Vasquez,1,1,0,0,1.000,2.0,0" in file


def test_speed_report_is_not_for_the_front_desk(receptionist, client_of):
    assert client_of(receptionist).get(reverse("crm:speed_report")).status_code == 403
