from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinics.tests.factories import LocationFactory
from patients.calendar import read_calendar, read_items
from patients.free_slots import find_free_slots
from patients.tests.conftest import at
from patients.tests.factories import AppointmentFactory, ProviderFactory, ScheduleBlockFactory, WorkingHoursFactory
from patients.working_time import WorkingTime, day_span

MONDAY = date(2026, 12, 7)
pytestmark = pytest.mark.usefixtures("now")


def book(provider, start, minutes=30, **facts):
    return AppointmentFactory(provider=provider, starts_at=start, ends_at=start + timedelta(minutes=minutes), **facts)


def test_read_calendar_puts_each_appointment_into_the_column_of_its_provider(clinic, provider, location):
    other = ProviderFactory(location=location)
    book(provider, at(9), patient__first_name="Ida", patient__last_name="Berg")
    book(other, at(10, 20), 20, patient=None, contact_name="Theo")
    book(other, at(9, day=8))

    calendar = read_calendar(clinic, [MONDAY], [provider, other])

    shown = [[(item.who, item.hour, item.minute, item.minutes) for item in column.items] for column in calendar.columns]
    assert shown == [[("Ida Berg", 9, 0, 30)], [("Theo", 10, 20, 20)]]
    assert (calendar.first_hour, calendar.last_hour, calendar.count) == (7, 19, 2)


def test_what_overlaps_stands_side_by_side(clinic, provider):
    book(provider, at(9), 60, status="NO_SHOW")
    book(provider, at(9, 15))
    book(provider, at(11))

    [column] = read_calendar(clinic, [MONDAY], [provider]).columns

    assert [(item.lane, item.lanes) for item in column.items] == [(0, 2), (1, 2), (0, 1)]


def test_what_was_cancelled_is_not_in_the_calendar(clinic, provider):
    book(provider, at(9), status="CANCELLED", cancellation_reason="COST")

    assert read_items(clinic, [MONDAY]) == []


def test_each_location_is_shown_by_its_own_clock(clinic):
    west = LocationFactory(name="Portland", time_zone="America/Los_Angeles")
    provider = ProviderFactory(location=west)
    book(provider, at(20), location=west)
    book(provider, at(1, day=8), location=west)

    items = read_items(clinic, [MONDAY])

    assert [(item.hour, item.starts.date()) for item in items] == [(17, MONDAY), (22, MONDAY)]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (MONDAY, 24)])
def test_a_day_has_the_hours_that_it_has(day, hours):
    span = day_span(day, ZoneInfo("America/New_York"))

    assert span.end - span.start == timedelta(hours=hours)


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)])
def test_hours_of_work_keep_the_clock_on_days_when_it_changes(clinic, location, provider, day):
    WorkingHoursFactory(provider=provider, weekday=6, opens_at="08:00", closes_at="12:00")

    [span] = WorkingTime(clinic, [provider], day, day).open_spans(day, provider, location)

    zone = ZoneInfo("America/New_York")
    assert (span.start, span.end) == (
        datetime(day.year, day.month, day.day, 8, tzinfo=zone),
        datetime(day.year, day.month, day.day, 12, tzinfo=zone),
    )


def test_blocked_time_is_cut_out_of_the_hours_and_shown(clinic, provider, location):
    ScheduleBlockFactory(provider=provider, starts_at=at(10), ends_at=at(11), reason="Lunch with the lab")
    ScheduleBlockFactory(provider=ProviderFactory(), starts_at=at(12), ends_at=at(13))

    spans = WorkingTime(clinic, [provider], MONDAY, MONDAY).open_spans(MONDAY, provider, location)
    [column] = read_calendar(clinic, [MONDAY], [provider]).columns

    assert [(span.start, span.end) for span in spans] == [(at(8), at(10)), (at(11), at(17))]
    assert [(block.hour, block.minutes, block.words) for block in column.blocked] == [(10, 60, "Lunch with the lab")]


def test_find_free_slots_leaves_out_what_is_taken_blocked_and_over(clinic, provider):
    book(provider, at(8), 60)
    book(provider, at(9, 15), 45)
    ScheduleBlockFactory(provider=provider, starts_at=at(10, 30), ends_at=at(17))

    slots = find_free_slots(clinic, [provider], minutes=30, after=at(7))

    assert [slot.starts_at for slot in slots[:3]] == [at(10), at(8, day=8), at(8, 30, day=8)]


def test_find_free_slots_asks_the_same_number_of_queries_for_one_and_three(clinic, location, django_assert_num_queries):
    for more in (1, 2):
        providers = [ProviderFactory(location=location) for _each in range(more)]
        with django_assert_num_queries(3):
            find_free_slots(clinic, providers, minutes=30, after=at(7))


def test_only_free_half_hours_can_be_pressed(clinic, provider):
    book(provider, at(8), 70)
    book(provider, at(9, 45), 60)
    ScheduleBlockFactory(provider=provider, starts_at=at(11), ends_at=at(17))

    [column] = read_calendar(clinic, [MONDAY], [provider]).columns

    assert [cell[:3] for cell in column.cells] == [(9, 10, 20)]
