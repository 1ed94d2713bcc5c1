"""Counting how often something happens: by the clock, anew in each span."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import time_machine

from clinics.throttling import count_one_more, is_too_often


def test_more_than_most_within_a_span_is_too_often():
    assert [is_too_often("a", most=2, seconds=600) for _time in range(4)] == [False, False, True, True]
    assert is_too_often("b", most=2, seconds=600) is False


def test_a_new_span_counts_anew_however_busy_the_last_one_was():
    with time_machine.travel(datetime(2026, 5, 4, 10, 9, tzinfo=UTC)) as clock:
        for _time in range(3):
            is_too_often("a", most=2, seconds=600)
        clock.shift(timedelta(minutes=2))

        assert is_too_often("a", most=2, seconds=600) is False


def test_those_who_count_at_once_in_the_cache_of_files_are_all_counted(settings, tmp_path):
    backend = "django.core.cache.backends.filebased.FileBasedCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": str(tmp_path)}}

    with time_machine.travel(datetime(2026, 5, 4, 10, 9, tzinfo=UTC), tick=False), ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _number: count_one_more("a", seconds=600), range(60)))
    assert sorted(counts) == list(range(1, 61))
