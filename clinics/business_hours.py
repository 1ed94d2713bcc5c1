"""Time as a practice counts it: only while it is open, in its own time zone, days off left out."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinics.models import Location

NOTHING = timedelta(0)
# Whoever is closed for longer than this keeps no hours that anything could be counted in.
FURTHEST = 60


@dataclass(frozen=True)
class BusinessHours:
    """When a place is open: `week` maps the weekday ("0" is Monday) to [opens, closes] in the wall time of `zone`."""

    week: dict[str, list[list[str]]]
    zone: ZoneInfo
    holidays: frozenset[str] = field(default_factory=frozenset)

    def spans_of(self, day: date) -> list[tuple[datetime, datetime]]:
        """The open spans of one day of the place's calendar, in UTC, so that they last as long as they really do.

        A wall time that the clocks skip counts as the moment after the gap, one that they repeat as the first.
        """
        if day.isoformat() in self.holidays:
            return []
        spans = self.week.get(str(day.weekday()), [])
        return [(self._moment(day, opens), self._moment(day, closes)) for opens, closes in spans]

    def is_open(self, moment: datetime) -> bool:
        return any(opens <= moment < closes for opens, closes in self.spans_of(self._day(moment)))

    def opens_after(self, moment: datetime) -> datetime | None:
        """The next opening at or after a moment of rest; None if there is none within two months."""
        return next((opens for opens, _closes in self._spans_from(moment) if opens >= moment), None)

    def add(self, moment: datetime, duration: timedelta) -> datetime | None:
        """The moment when the place has been open for `duration` since `moment`; None if that takes over two months."""
        left = duration
        for opens, closes in self._spans_from(moment):
            begins = max(opens, moment)
            if closes - begins >= left:
                return begins + left
            left -= max(NOTHING, closes - begins)
        return None

    def between(self, start: datetime, end: datetime, *, enough: timedelta = timedelta.max) -> timedelta:
        """How long the place was open between two moments; nothing if `end` comes first.

        What is already more than `enough` is not counted to its end.
        """
        day, last, total = self._day(start), self._day(end), NOTHING
        while day <= last and total <= enough:
            for opens, closes in self.spans_of(day):
                total += max(NOTHING, min(closes, end) - max(opens, start))
            day += timedelta(days=1)
        return total

    def _spans_from(self, moment):
        first = self._day(moment)
        for days in range(FURTHEST + 1):
            yield from (span for span in self.spans_of(first + timedelta(days=days)) if span[1] > moment)

    def _day(self, moment):
        return moment.astimezone(self.zone).date()

    def _moment(self, day, wall_time):
        return datetime.combine(day, time.fromisoformat(wall_time), tzinfo=self.zone).astimezone(UTC)


def hours_of(clinic, location_id=None):
    """The hours that count at one location of a clinic, or at the clinic itself: BusinessHours.

    Locations are read once for each Clinic object, and only when one is asked for.
    """
    if location_id is None:
        return BusinessHours(clinic.business_hours, clinic.zone, frozenset(clinic.holidays))
    known = clinic.__dict__.setdefault("_hours_of_locations", {})
    if not known:
        for location in Location.objects.all():
            week = clinic.business_hours if location.business_hours is None else location.business_hours
            zone = ZoneInfo(location.time_zone) if location.time_zone else clinic.zone
            known[location.pk] = BusinessHours(week, zone, frozenset(clinic.holidays))
    return known.get(location_id) or hours_of(clinic)
