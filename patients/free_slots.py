"""The next times at which somebody could come: free of their provider and room, in hours of work."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from clinics.models import Location
from patients.models import Provider
from patients.occupied import Occupied
from patients.working_time import WorkingTime, day_span, zone_of

STEP = timedelta(minutes=10)
DAYS_AHEAD = 60
MOST = 8
BETWEEN = timedelta(minutes=30)  # visitors are offered a time so often at least
SLACK = timedelta(hours=15)  # the furthest that two clocks on earth are from each other


@dataclass(frozen=True)
class Slot:
    """A time that could be booked, shown by the clock of its location."""

    starts_at: datetime
    ends_at: datetime
    provider: Provider
    location: Location | None
    zone: ZoneInfo

    @property
    def stamp(self):
        """The moment as a form carries it."""
        return f"{self.starts_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"

    @property
    def place_stamp(self):
        """The moment and its location, as the form of a booking page carries them."""
        return f"{self.stamp}@{self.location.pk}" if self.location else self.stamp

    @property
    def local(self):
        """The wall-clock time there, without a zone: templates show it as it stands."""
        return timezone.make_naive(self.starts_at, self.zone)


def find_free_slots(clinic, providers, *, minutes, after, days=DAYS_AHEAD, kind=None):
    """The first free times of `minutes` with any of the providers from `after` on, soonest first, at most eight.

    Each provider offers a time once in its free stretch and then every so many minutes; a room is free then, too, if
    the type of appointment (`kind`) needs one. At most six queries, whatever the number of days.
    """
    length = timedelta(minutes=minutes)
    first_day = timezone.localtime(after, clinic.zone).date()
    last_day = first_day + timedelta(days=days)
    working = WorkingTime(clinic, providers, first_day, last_day)
    occupied = Occupied(providers, after, day_span(last_day, clinic.zone).end, kind)
    found = []
    for offset in range(days + 1):
        day = first_day + timedelta(days=offset)
        for provider in providers:
            where = (provider, provider.location, zone_of(provider.location, clinic))
            for span in working.open_spans(day, provider, provider.location):
                found += _in_span(span, occupied, length, after, where)
        if len(found) >= MOST:
            break
    return sorted(found, key=lambda slot: (slot.starts_at, slot.provider.name))[:MOST]


def slots_of_days(clinic, providers, days, *, minutes, after, location=None, kind=None):
    """Every time of `minutes` that visitors may choose: {day: [Slot]} for each of the days, by the clock of the place.

    At `location`, or each provider at their usual one. Times begin as often as the appointment lasts, but every half
    hour at least, and right after what is booked; a room is free then, too, if the type (`kind`) needs one.
    """
    length, step = timedelta(minutes=minutes), min(timedelta(minutes=minutes), BETWEEN)
    working = WorkingTime(clinic, providers, days[0], days[-1])
    start, end = day_span(days[0], clinic.zone).start - SLACK, day_span(days[-1], clinic.zone).end + SLACK
    occupied = Occupied(providers, start, end, kind)
    found = {day: [] for day in days}
    for day in days:
        for provider in providers:
            place = location or provider.location
            where = (provider, place, zone_of(place, clinic))
            for span in working.open_spans(day, provider, place):
                found[day] += _every_slot(span, occupied, length, step, where)
        found[day] = [slot for slot in found[day] if slot.starts_at >= after]
        found[day].sort(key=lambda slot: (slot.starts_at, slot.provider.name))
    return found


def _every_slot(span, occupied, length, step, where):
    slots, moment = [], span.start
    while moment + length <= span.end:
        clash = occupied.until(moment, moment + length, *where[:2])
        if clash is not None:
            moment = clash
            continue
        slots.append(Slot(moment, moment + length, *where))
        moment += step
    return slots


def _in_span(span, occupied, length, after, where):
    """Free times of one working span, at most three: a list of dozens helps nobody on the phone."""
    slots, moment = [], _next_step(max(span.start, after), span.start)
    while moment + length <= span.end and len(slots) < 3:
        clash = occupied.until(moment, moment + length, *where[:2])
        if clash is not None:
            moment = _next_step(clash, span.start)
            continue
        slots.append(Slot(moment, moment + length, *where))
        moment += max(length, STEP)
    return slots


def _next_step(moment, start):
    """The first moment at or after `moment` that is a whole number of steps after the span's start."""
    steps = -((start - moment) // STEP)
    return start + steps * STEP
