"""The calendar as it is drawn: columns of a day or a week, what stands in them, and where.

Everything is shown by the clock of the place where it happens. One query fetches the appointments as plain tuples:
a week of two thousand is drawn at once.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from clinics.models import Location
from patients.models import Appointment, AppointmentStatus
from patients.working_time import WorkingTime, zone_of

EARLIEST, LATEST = 7, 19  # hours that are drawn even when nobody works then
FIELDS = (
    "pk", "starts_at", "ends_at", "provider_id", "status", "version", "checked_in_at", "location_id",
    "patient__first_name", "patient__last_name", "contact_name", "contact_phone", "type__name", "type__color",
    "room__name", "requested_at",
)  # fmt: skip
HALF_HOUR, LEAST = timedelta(minutes=30), timedelta(minutes=20)
SLACK = timedelta(hours=15)  # the furthest that two clocks on earth are from each other's day


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
    """One provider's day."""

    day: date
    provider: object
    items: list = field(default_factory=list)
    open: list = field(default_factory=list)
    blocked: list = field(default_factory=list)

    @property
    def is_today(self):
        return self.day == timezone.localdate()

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


def read_calendar(clinic, days, providers, location=None):
    """The calendar of some days and providers; of one provider a column each day, else a column each provider."""
    columns = [Column(day, provider) for day in days for provider in providers]
    by_place = {(column.day, getattr(column.provider, "pk", None)): column for column in columns}
    count = 0
    for item in read_items(clinic, days, providers, location):
        column = by_place.get((item.starts.date(), item.provider_id))
        if column is not None:
            column.items.append(item)
            count += 1
    working = WorkingTime(clinic, providers, days[0], days[-1])
    for column in columns:
        _lay_out(column, working, location or getattr(column.provider, "location", None), clinic)
    hours = [each for column in columns for each in [*column.items, *column.open]]
    first = min([EARLIEST, *(each.hour for each in hours)])
    last = max([LATEST, *(_end_hour(each) for each in hours)])
    return Calendar(columns, first, min(24, last), count)


def read_items(clinic, days, providers, location=None):
    """The appointments that a calendar shows on local days, in order of time, as Items."""
    zones = _zones(clinic)
    rows = _rows(clinic, days, providers, location, FIELDS)
    found = [_item(row, zones.get(row[7], clinic.zone)) for row in rows]
    return [item for item in found if days[0] <= item.starts.date() <= days[-1]]


def read_week(clinic, days, providers, location=None):
    """A week of many providers, no more than its table shows: {(provider_id, day): [(pk, state, clock, who)]}."""
    cells = {(provider.pk, day): [] for provider in providers for day in days}
    zones = _zones(clinic)
    fields = ("provider_id", "location_id", "starts_at", "pk", "status", *FIELDS[8:12])
    for provider_id, place, starts_at, pk, status, *names in _rows(clinic, days, providers, location, fields):
        starts = starts_at.astimezone(zones.get(place, clinic.zone))
        cell = cells.get((provider_id, starts.date()))
        if cell is not None:
            cell.append((pk, status.lower(), f"{starts.hour}:{starts.minute:02d}", _who(*names)))
    return cells


def _rows(clinic, days, providers, location, fields):
    """The appointments that may fall on local days, as tuples in order of time; a few fall just beside."""
    start = datetime.combine(days[0], datetime.min.time(), tzinfo=clinic.zone) - SLACK
    end = datetime.combine(days[-1], datetime.min.time(), tzinfo=clinic.zone) + timedelta(days=1) + SLACK
    rows = Appointment.objects.shown().between(start, end).filter(provider__in=providers).in_order()
    rows = rows.at_location(location) if location is not None else rows
    return rows.values_list(*fields)


def _zones(clinic):
    return {place.pk: zone_of(place, clinic) for place in Location.objects.all()}


def _who(first_name, last_name, contact_name, contact_phone):
    if first_name is not None:
        return f"{first_name} {last_name}".strip()
    return contact_name or contact_phone


def _item(row, zone: ZoneInfo):
    pk, starts_at, ends_at, provider_id, status, version, here_at, _place, *told = row
    kind, color, room, requested_at = told[4:]
    return Item(
        pk=pk,
        starts=starts_at.astimezone(zone),
        minutes=int((ends_at - starts_at).total_seconds() // 60),
        provider_id=provider_id,
        status=status,
        version=version,
        is_here=here_at is not None,
        who=_who(*told[:4]),
        kind=kind or "",
        color=color or "6",
        room=room or "",
        is_request=requested_at is not None and status == AppointmentStatus.SCHEDULED,
    )


def _lay_out(column, working, location, clinic):
    """Fill in when the column is open and blocked, and put what overlaps side by side."""
    zone = zone_of(location, clinic)
    for span in working.working_spans(column.day, column.provider, location):
        column.open.append(Stretch(span.start.astimezone(zone), _minutes(span.start, span.end)))
    for block in working.blocks_of(column.day, column.provider, location):
        starts = max(block.starts_at.astimezone(zone), datetime.combine(column.day, datetime.min.time(), tzinfo=zone))
        ends = min(block.ends_at.astimezone(zone), starts.replace(hour=23, minute=55))
        is_whole = (starts, ends) == (block.starts_at, block.ends_at)
        column.blocked.append(Stretch(starts, max(5, _minutes(starts, ends)), str(block), block.pk, is_whole))
    _take_lanes(column.items)


def _minutes(start, end):
    return int((end - start).total_seconds() // 60)


def _end_hour(each):
    return each.hour + -(-(each.minute + each.minutes) // 60)


def _take_lanes(items):
    """Give items that overlap a lane each; those that touch no other keep the whole width."""
    group, ends = [], []
    for item in items:
        if ends and item.starts >= max(ends):
            _share(group, len(ends))
            group, ends = [], []
        lane = next((number for number, end in enumerate(ends) if end <= item.starts), len(ends))
        end = item.starts + timedelta(minutes=item.minutes)
        ends[lane:] = [end, *ends[lane + 1 :]]
        item.lane = lane
        group.append(item)
    _share(group, len(ends))


def _share(group, lanes):
    for item in group:
        item.lanes = lanes
