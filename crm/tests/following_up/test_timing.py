from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinics.business_hours import BusinessHours
from crm.following_up.timing import due_after

CHICAGO = ZoneInfo("America/Chicago")
HOURS = BusinessHours({str(day): [["09:00", "17:00"]] for day in range(5)}, CHICAGO, frozenset({"2026-11-26"}))


def at(*parts):
    return datetime(*parts, tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("moment", "amount", "unit", "expected"),
    [
        (at(2026, 11, 20, 23), 0, "HOURS", at(2026, 11, 20, 23)),
        (at(2026, 11, 20, 16, 30), 1, "HOURS", at(2026, 11, 23, 9, 30)),  # over the weekend
        (at(2026, 11, 25, 16, 50), 20, "MINUTES", at(2026, 11, 27, 9, 10)),  # over Thanksgiving
        (at(2026, 11, 24, 11), 3, "DAYS", at(2026, 11, 30, 11)),
        (at(2026, 11, 24, 6), 1, "DAYS", at(2026, 11, 25, 9)),  # not before the doors open
        (at(2026, 10, 30, 10), 1, "DAYS", at(2026, 11, 2, 10)),  # winter time begins in between
    ],
)
def test_a_delay_is_counted_while_the_clinic_is_open(moment, amount, unit, expected):
    assert due_after(HOURS, moment, amount, unit) == expected


@settings(max_examples=50)
@given(
    moment=st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1), timezones=st.just(UTC)),
    amount=st.integers(min_value=1, max_value=40),
    unit=st.sampled_from(["MINUTES", "HOURS", "DAYS"]),
)
def test_more_delay_never_comes_sooner(moment, amount, unit):
    assert moment < due_after(HOURS, moment, amount, unit) <= due_after(HOURS, moment, amount + 1, unit)


def test_a_clinic_without_hours_counts_the_plain_time():
    assert due_after(BusinessHours({}, CHICAGO), at(2026, 11, 24, 11), 2, "DAYS") == at(2026, 11, 24, 11) + timedelta(2)
