from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinics.business_hours import BusinessHours, hours_of
from clinics.models import Location

NEW_YORK = ZoneInfo("America/New_York")
WEEK = {str(day): [["08:00", "12:00"], ["13:00", "17:00"]] for day in range(5)}
HOURS = BusinessHours(WEEK, NEW_YORK, frozenset({"2026-07-03"}))


def at(text, zone=NEW_YORK):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("asked", "minutes", "due"),
    [
        ("2026-06-01T09:00", 5, "2026-06-01T09:05"),
        ("2026-06-01T11:58", 5, "2026-06-01T13:03"),
        ("2026-06-01T03:00", 5, "2026-06-01T08:05"),
        ("2026-06-05T16:57", 5, "2026-06-08T08:02"),
        ("2026-07-02T17:00", 5, "2026-07-06T08:05"),
        ("2026-06-01T09:00", 600, "2026-06-02T11:00"),
    ],
    ids=["open", "over lunch", "before opening", "over the weekend", "over a day off", "longer than a day"],
)
def test_add_counts_only_open_time(asked, minutes, due):
    assert HOURS.add(at(asked), timedelta(minutes=minutes)) == at(due)


def test_add_never_ends_where_nobody_ever_opens():
    assert BusinessHours({}, NEW_YORK).add(at("2026-06-01T09:00"), timedelta(minutes=5)) is None


def test_between_counts_what_really_passes_when_the_clocks_change():
    at_night = BusinessHours({"6": [["00:00", "06:00"]]}, NEW_YORK)

    assert at_night.between(at("2026-03-08T00:00"), at("2026-03-08T12:00")) == timedelta(hours=5)
    assert at_night.between(at("2026-11-01T00:00"), at("2026-11-01T12:00")) == timedelta(hours=7)


def test_opens_after_names_the_next_opening():
    assert HOURS.opens_after(at("2026-06-05T18:00")) == at("2026-06-08T08:00")
    assert HOURS.opens_after(at("2026-06-01T12:30")) == at("2026-06-01T13:00")
    assert BusinessHours({}, NEW_YORK).opens_after(at("2026-06-05T18:00")) is None


def test_is_open_ends_with_the_minute_of_closing():
    assert [HOURS.is_open(at(f"2026-06-01T{clock}")) for clock in ("08:00", "11:59", "12:00", "17:00")] == [
        True,
        True,
        False,
        False,
    ]


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    minutes=st.integers(1, 3000),
    zone=st.sampled_from(["America/New_York", "America/Los_Angeles", "Europe/Madrid", "Australia/Lord_Howe", "UTC"]),
)
def test_add_and_between_agree_in_every_zone(start, minutes, zone):
    hours = BusinessHours(WEEK, ZoneInfo(zone))

    due = hours.add(start, timedelta(minutes=minutes))

    assert hours.between(start, due) == timedelta(minutes=minutes)


def test_hours_of_a_location_are_its_own_and_otherwise_those_of_the_clinic(clinic):
    coast = Location.objects.create(
        name="Coast", time_zone="America/Los_Angeles", business_hours={"5": [["09:00", "10:00"]]}
    )
    plain = Location.objects.create(name="Plain")

    assert hours_of(clinic, coast.pk).zone.key == "America/Los_Angeles"
    assert hours_of(clinic, coast.pk).week == {"5": [["09:00", "10:00"]]}
    assert hours_of(clinic, plain.pk) == hours_of(clinic)


def test_hours_of_locations_are_read_once(clinic, django_assert_num_queries):
    places = [Location.objects.create(name=name) for name in ("Coast", "Plain", "Hill")]

    with django_assert_num_queries(1):
        found = [hours_of(clinic, place.pk) for place in places]
    assert found == [hours_of(clinic)] * 3


def test_between_stops_once_it_has_counted_enough():
    asked = []

    class Noting(BusinessHours):
        def spans_of(self, day):
            asked.append(day)
            return super().spans_of(day)

    hours = Noting({str(day): [["09:00", "17:00"]] for day in range(7)}, NEW_YORK)
    start, end = at("2026-03-02T00:00"), at("2027-03-02T00:00")

    assert hours.between(start, end, enough=timedelta(hours=9)) == timedelta(hours=16)
    assert len(asked) == 2
