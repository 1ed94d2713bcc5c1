"""What a calendar is drawn of: columns of a day, and what stands in them, all by the local clock."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from patients.models import AppointmentStatus

HALF_HOUR, LEAST = timedelta(minutes=30), timedelta(minutes=20)


@dataclass
class Item:
    """One appointment in its column, by the local clock; `lane` of `lanes` when others stand beside it."""

    pk: object
    starts: datetime
    minutes: int
    provider_id: object
    status: str
    version: int
    is_here: bool
    who: str
    kind: str
    color: str
    room: str
    is_request: bool
    room_id: object = None
    with_whom: str = ""
    lane: int = 0
    lanes: int = 1

    @property
    def hour(self):
        return self.starts.hour

    @property
    def minute(self):
        return self.starts.minute // 5 * 5

    @property
    def ends(self):
        return self.starts + timedelta(minutes=self.minutes)

    @property
    def hours_long(self):
        return self.minutes // 60

    @property
    def minutes_long(self):
        return self.minutes % 60 // 5 * 5

    @property
    def is_open(self):
        return self.status in (AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED)

    @property
    def is_short(self):
        return self.minutes <= 20

    @property
    def clock(self):
        return f"{self.starts.hour}:{self.starts.minute:02d}"


@dataclass
class Stretch:
    """A stretch of open or blocked time in a column, by the local clock."""

    starts: datetime
    minutes: int
    words: str = ""
    pk: object = None
    is_whole: bool = False  # all of it is drawn here, so it can be taken and put down elsewhere

    @property
    def hour(self):
        return self.starts.hour

    @property
    def minute(self):
        return self.starts.minute // 5 * 5

    @property
    def ends(self):
        return self.starts + timedelta(minutes=self.minutes)

    @property
    def hours_long(self):
        return self.minutes // 60

    @property
    def minutes_long(self):
        return self.minutes % 60 // 5 * 5


@dataclass
class Column:
    """One day of a provider, or of a room; of neither where what has none stands."""

    day: date
    provider: object = None
    room: object = None
    items: list = field(default_factory=list)
    open: list = field(default_factory=list)
    blocked: list = field(default_factory=list)

    @property
    def is_today(self):
        return self.day == timezone.localdate()

    @property
    def whose(self):
        """The provider or room whose column it is, None for the others."""
        return self.provider or self.room

    @property
    def cells(self):
        """The free half hours that can be pressed to book: (hour, minute, minutes, local moment in ISO form).

        What is left of a half hour after an appointment or a block is offered from 20 minutes on.
        """
        taken = sorted((each.starts, each.ends) for each in [*self.items, *self.blocked])
        found = []
        for stretch in self.open:
            moment = stretch.starts
            while moment + LEAST <= stretch.ends:
                until = min(stretch.ends, moment + HALF_HOUR - timedelta(minutes=moment.minute % 30))
                clash = next((end for start, end in taken if start < until and moment < end), None)
                if clash is None and until - moment >= LEAST:
                    minutes = (until - moment).seconds // 300 * 5
                    found.append((moment.hour, moment.minute, minutes, f"{moment:%Y-%m-%dT%H:%M}"))
                moment = clash or until
        return found


@dataclass
class Calendar:
    """Columns side by side, and the hours that they are drawn from and to."""

    columns: list
    first_hour: int
    last_hour: int
    count: int

    @property
    def hours(self):
        return range(self.first_hour, self.last_hour)

    @property
    def span(self):
        return self.last_hour - self.first_hour
