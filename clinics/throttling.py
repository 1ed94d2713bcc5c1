"""How often something may happen within a span of time, counted in the cache that all processes share."""

import time
from contextlib import contextmanager
from pathlib import Path

from django.core.cache import cache, caches
from django.core.cache.backends.filebased import FileBasedCache
from django.core.files import locks


def is_too_often(key, *, most, seconds):
    """Count one more of `key`, and tell whether there were more than `most` within this span of `seconds`."""
    return count_one_more(key, seconds=seconds) > most


def count_one_more(key, *, seconds):
    """Count one more of `key`; how many there are now in this span of `seconds`, exactly, whoever else counts.

    Spans follow each other by the clock, each with a count of its own: however busy it is, the count begins anew. A
    cache that is away counts nothing: better one too many than nobody at all.
    """
    key = f"{key}:{int(time.time() // seconds)}"
    with _in_turn():
        try:
            return cache.incr(key)
        except ValueError:  # the first of this span, but for whoever counts in the same moment
            return 1 if cache.add(key, 1, timeout=2 * seconds) else cache.incr(key)


@contextmanager
def _in_turn():
    """The cache of files reads a count and writes the next: processes take turns at it. Other caches count at once."""
    files = caches["default"]
    if not isinstance(files, FileBasedCache):
        yield
        return
    folder = Path(files._dir)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "counting.lock").open("a") as turn:
        locks.lock(turn, locks.LOCK_EX)
        yield
