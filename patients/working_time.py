"""When somebody works: hours of the provider, the location or the clinic, less days off and blocked times.

Hours are wall-clock times of the location. A day is laid out in its zone, so the days on which clocks change have the
23 or 25 hours that they have.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from patients.models import ScheduleBlock, WorkingHours

UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Span:
    """A stretch of time, [start, end), both aware and in UTC."""

    start: datetime
    end: datetime

    def holds(self, start, end):
        return self.start <= start and end <= self.end

    def overlaps(self, start, end):
        return self.start < end and start < self.end


def zone_of(location, clinic):
    """The time zone of a location, or of the clinic where it has none of its own."""
    return ZoneInfo(location.time_zone) if location is not None and location.time_zone else clinic.zone


def day_span(day, zone):
    """A whole local day: 24 hours, or 23 or 25 where clocks change."""
    return Span(_moment(day, time.min, zone), _moment(day + timedelta(days=1), time.min, zone))


def _moment(day, clock, zone):
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


class WorkingTime:
    """The working time of many providers over some days, read from the database once (three queries)."""

    def __init__(self, clinic, providers, first_day, last_day):
        self.clinic = clinic
        self.hours = defaultdict(list)
        for each in WorkingHours.objects.filter(provider__in=[each for each in providers if each is not None]):
            self.hours[each.provider_id].append(each)
        zone = clinic.zone
        start = day_span(first_day, zone).start - timedelta(days=1)
        end = day_span(last_day, zone).end + timedelta(days=1)
        self.blocks = list(ScheduleBlock.objects.between(start, end).in_order())

    def open_spans(self, day, provider, location, room=None):
        """When this provider may be booked at this location on a local day (in this room), blocked times cut out."""
        spans = self.working_spans(day, provider, location)
        for block in self.blocks:
            if block.is_about(provider, location, room):
                spans = [part for span in spans for part in _without(span, block.starts_at, block.ends_at)]
        return spans

    def working_spans(self, day, provider, location):
        """The hours of a local day before anything is blocked; none on a day off."""
        if day.isoformat() in self.clinic.holidays:
            return []
        zone = zone_of(location, self.clinic)
        own = self.hours.get(getattr(provider, "pk", None))
        if own:
            place = getattr(location, "pk", None)
            today = [each for each in own if each.weekday == day.weekday() and each.location_id in (None, place)]
            return [Span(_moment(day, each.opens_at, zone), _moment(day, each.closes_at, zone)) for each in today]
        week = (location.business_hours if location is not None else None) or self.clinic.business_hours
        return [
            Span(_moment(day, time.fromisoformat(opens), zone), _moment(day, time.fromisoformat(closes), zone))
            for opens, closes in week.get(str(day.weekday()), [])
        ]

    def blocks_of(self, day, provider, location, room=None):
        """The blocked times that a calendar shows in the column of a provider or a room."""
        whole = day_span(day, zone_of(location, self.clinic))
        return [
            block
            for block in self.blocks
            if whole.overlaps(block.starts_at, block.ends_at) and block.is_about(provider, location, room)
        ]

    def is_open(self, start, end, provider, location, room=None):
        """Tell whether somebody may be booked from `start` to `end` without asking twice."""
        day = timezone.localtime(start, zone_of(location, self.clinic)).date()
        return any(span.holds(start, end) for span in self.open_spans(day, provider, location, room))


def _without(span, start, end):
    """What is left of a span when [start, end) is cut out: none, one or two spans."""
    if not span.overlaps(start, end):
        return [span]
    before = [Span(span.start, start)] if span.start < start else []
    after = [Span(end, span.end)] if end < span.end else []
    return before + after
