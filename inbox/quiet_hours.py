"""When it is night for somebody: in the zone of their clinic, or in any where their number may be. Pure.

Sources: 47 CFR 64.1200(c)(1), the hours of the called party's location; the zones of a number from `phonenumbers`.
"""

from datetime import datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from phonenumbers.timezone import time_zones_for_number

MINUTE = timedelta(minutes=1)
BEFORE = timedelta(hours=3)  # more than any clock was ever put forward or back
TRIES = 12


def zones_of(number, home):
    """The zones in which somebody with a number (E.164, or anything else) may be; `home` is their location's."""
    return [home, *(zone for zone in _zones_of_number(number) if zone.key != getattr(home, "key", ""))]


@lru_cache(maxsize=4096)
def _zones_of_number(number):
    try:
        names = time_zones_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        names = ()
    return tuple(ZoneInfo(name) for name in names if name in _known_zones())


@cache
def _known_zones():
    """The names of all zones: each time they are asked for, the folders of the system are looked through."""
    return available_timezones()


def is_quiet(moment, zones, starts, ends):
    """Whether it is quiet at a moment in any of the zones, from `starts` to `ends` by the clock on the wall."""
    return any(_is_night(moment.astimezone(zone).time(), starts, ends) for zone in zones)


def _is_night(clock, starts, ends):
    if starts <= ends:
        return starts <= clock < ends
    return clock >= starts or clock < ends


def next_loud(moment, zones, starts, ends):
    """The first moment from then on that is quiet in none of the zones, on a whole minute if it is later.

    A number that may be on either side of the world is never free of night: then the first zone alone decides, which
    is that of their clinic.
    """
    at = _first_loud(moment, zones, starts, ends)
    return at if at is not None else _first_loud(moment, zones[:1], starts, ends)


def _first_loud(moment, zones, starts, ends):
    at = moment
    for _try in range(TRIES):
        nights = [zone for zone in zones if is_quiet(at, [zone], starts, ends)]
        if not nights:
            return at
        at = max(_end_of_night(at, zone, starts, ends) for zone in nights)
    return None


def _end_of_night(moment, zone, starts, ends):
    """When the night that lasts at a moment ends. Near the end it is counted by the minute: clocks are put there."""
    local = moment.astimezone(zone)
    day = local.date() if local.time() < ends else local.date() + timedelta(days=1)
    about = datetime.combine(day, ends, tzinfo=zone).astimezone(moment.tzinfo)
    at = max(moment, about - BEFORE).replace(second=0, microsecond=0)
    while at < moment or is_quiet(at, [zone], starts, ends):
        at += MINUTE
    return at
