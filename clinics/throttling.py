"""How often something may happen within a span of time, counted in the cache that all processes share."""

from django.core.cache import cache


def is_too_often(key, *, most, seconds):
    """Count one more of `key`, and tell whether there were more than `most` within this span of `seconds`.

    A cache that is away counts nothing: better one too many than nobody at all.
    """
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key) > most
    except ValueError:  # it ran out between the two
        return False
