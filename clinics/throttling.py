"""How often something may happen within a span of time, counted in the cache that all processes share."""

import time

from django.core.cache import cache


def is_too_often(key, *, most, seconds):
    """Count one more of `key`, and tell whether there were more than `most` within this span of `seconds`.

    Spans follow each other by the clock, each with a count of its own: however busy it is, the count begins anew. A
    cache that is away counts nothing: better one too many than nobody at all.
    """
    key = f"{key}:{int(time.time() // seconds)}"
    try:
        return cache.incr(key) > most
    except ValueError:  # the first of this span, but for whoever counts in the same moment
        cache.add(key, 1, timeout=2 * seconds)
        return most < 1
