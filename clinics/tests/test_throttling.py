"""Counting how often something happens: by the clock, anew in each span."""

from datetime import UTC, datetime, timedelta

import time_machine

from clinics.throttling import is_too_often


def test_more_than_most_within_a_span_is_too_often():
    assert [is_too_often("a", most=2, seconds=600) for _time in range(4)] == [False, False, True, True]
    assert is_too_often("b", most=2, seconds=600) is False


def test_a_new_span_counts_anew_however_busy_the_last_one_was():
    with time_machine.travel(datetime(2026, 5, 4, 10, 9, tzinfo=UTC)) as clock:
        for _time in range(3):
            is_too_often("a", most=2, seconds=600)
        clock.shift(timedelta(minutes=2))

        assert is_too_often("a", most=2, seconds=600) is False
