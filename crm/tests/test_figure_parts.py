"""A period out of months, stretches of five days, and days: each of its days once, and few of anything."""

from collections import Counter
from datetime import date, timedelta

import pytest

from crm.figures.cohort import Period
from crm.figures.parts import DAY, LENGTH, STRETCHES, WHOLE, month_after, parts_of


def days_of(month, stretch):
    if stretch == WHOLE:
        return month, month_after(month)
    first = month + (stretch - 1) * LENGTH * DAY
    return first, month_after(month) if stretch == STRETCHES else first + LENGTH * DAY


def counted(parts):
    """{day: how often it is counted}."""
    found = Counter()
    spans = [(sign, *days_of(*place)) for sign, *place in parts.kept]
    for sign, first, end in spans + [(sign, since, until + DAY) for sign, since, until in parts.days]:
        for number in range((end - first).days):
            found[first + number * DAY] += sign
    return {day: times for day, times in found.items() if times}


@pytest.mark.parametrize("stretches", [True, False])
def test_the_parts_of_a_period_are_each_of_its_days_once(stretches):
    for since in (date(2024, 2, 1), date(2026, 1, 10), date(2026, 1, 16), date(2026, 2, 20), date(2026, 12, 31)):
        for length in (0, 1, 3, 4, 8, 14, 17, 26, 27, 45, 58, 89, 365):
            until = since + timedelta(days=length)

            assert counted(parts_of(since, until, stretches=stretches)) == {
                since + number * DAY: 1 for number in range(length + 1)
            }


def test_a_period_in_the_midst_of_months_leaves_few_days_and_stretches():
    for number in range(31):
        since = date(2026, 7, 1) + number * DAY
        parts = parts_of(since, since + 89 * DAY)

        assert sum((until - since).days + 1 for _sign, since, until in parts.days) <= 6
        assert len([stretch for _sign, _month, stretch in parts.kept if stretch]) <= 6


def test_the_month_that_is_not_over_is_whole_but_for_what_lies_ahead(monkeypatch):
    today = date(2026, 11, 24)
    monkeypatch.setattr("crm.figures.cohort.timezone.localdate", lambda: today)
    period = Period(date(2026, 11, 1), today)

    assert period.parts().days == ()
    assert counted(period.parts(is_ahead=True)) == {date(2026, 11, 1) + n * DAY: 1 for n in range(24)}
