"""The calendar as it is drawn: columns of a day or a week, what stands in them, and where.

Everything is shown by the clock of the place where it happens. One query fetches the appointments as plain tuples:
a week of two thousand is drawn at once. What belongs to no column that is shown stands in one of its own, so that
nothing that is booked is out of sight.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clinics.models import Location
from patients.calendar_columns import Calendar, Column, Item, Stretch
from patients.models import Appointment, AppointmentStatus
from patients.working_time import WorkingTime, zone_of

EARLIEST, LATEST = 7, 19  # hours that are drawn even when nobody works then
FIELDS = (
    "pk", "starts_at", "ends_at", "provider_id", "status", "version", "checked_in_at", "location_id",
    "patient__first_name", "patient__last_name", "contact_name", "contact_phone", "type__name", "type__color",
    "room__name", "requested_at", "room_id", "provider__name",
)  # fmt: skip
SLACK = timedelta(hours=15)  # the furthest that two clocks on earth are from each other's day


def read_calendar(clinic, days, places, *, by="provider", location=None, only=None):
    """The calendar of some days: a column for each day and each of `places`, providers or rooms (`by`).

    `only` is the provider whose appointments alone are shown. A last column holds what belongs to none of the places.
    """
    columns = {(day, place.pk): Column(day, **{by: place}) for day in days for place in places}
    others = {(day, None): Column(day) for day in days}
    count = 0
    for item in read_items(clinic, days, location=location, only=only):
        day, count = item.starts.date(), count + 1
        column = columns.get((day, getattr(item, f"{by}_id"))) or others[day, None]
        column.items.append(item)
    shown = [*columns.values(), *(column for column in others.values() if column.items)]
    working = WorkingTime(clinic, places if by == "provider" else [], days[0], days[-1])
    for column in shown:
        _lay_out(column, working, location or getattr(column.whose, "location", None), clinic)
    hours = [each for column in shown for each in [*column.items, *column.open]]
    first = min([EARLIEST, *(each.hour for each in hours)])
    last = max([LATEST, *(_end_hour(each) for each in hours)])
    return Calendar(shown, first, min(24, last), count)


def read_items(clinic, days, *, location=None, only=None):
    """The appointments that a calendar shows on local days, in order of time, as Items."""
    zones = _zones(clinic)
    rows = _rows(clinic, days, location, only, FIELDS)
    found = [_item(row, zones.get(row[7], clinic.zone)) for row in rows]
    return [item for item in found if days[0] <= item.starts.date() <= days[-1]]


def read_week(clinic, days, places, *, by="provider", location=None, only=None):
    """A week of many providers or rooms (`by`), no more than its table shows.

    [(place, [(day, ((pk, state, clock, who), ...))])]; the last place is None if something belongs to none of them.
    """
    cells = {(place and place.pk, day): [] for place in [*places, None] for day in days}
    zones = _zones(clinic)
    fields = (f"{by}_id", "location_id", "starts_at", "pk", "status", *FIELDS[8:12])
    for place_id, where, starts_at, pk, status, *names in _rows(clinic, days, location, only, fields):
        starts = starts_at.astimezone(zones.get(where, clinic.zone))
        day = starts.date()
        if days[0] <= day <= days[-1]:
            cell = cells.get((place_id, day))
            cell = cells[None, day] if cell is None else cell
            cell.append((pk, status.lower(), f"{starts.hour}:{starts.minute:02d}", _who(*names)))
    rows = [(place, [(day, tuple(cells[place and place.pk, day])) for day in days]) for place in [*places, None]]
    return rows if any(items for _day, items in rows[-1][1]) else rows[:-1]


def _rows(clinic, days, location, only, fields):
    """The appointments that may fall on local days, as tuples in order of time; a few fall just beside."""
    start = datetime.combine(days[0], datetime.min.time(), tzinfo=clinic.zone) - SLACK
    end = datetime.combine(days[-1], datetime.min.time(), tzinfo=clinic.zone) + timedelta(days=1) + SLACK
    rows = Appointment.objects.shown().between(start, end).in_order()
    rows = rows.at_location(location) if location is not None else rows
    rows = rows.with_provider(only) if only is not None else rows
    return rows.values_list(*fields)


def _zones(clinic):
    return {place.pk: zone_of(place, clinic) for place in Location.objects.all()}


def _who(first_name, last_name, contact_name, contact_phone):
    if first_name is not None:
        return f"{first_name} {last_name}".strip()
    return contact_name or contact_phone


def _item(row, zone: ZoneInfo):
    pk, starts_at, ends_at, provider_id, status, version, here_at, _place, *told = row
    kind, color, room, requested_at, room_id, with_whom = told[4:]
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
        room_id=room_id,
        with_whom=with_whom or "",
    )


def _lay_out(column, working, location, clinic):
    """Fill in when the column is open and blocked, and put what overlaps side by side."""
    zone = zone_of(location, clinic)
    for span in working.working_spans(column.day, column.provider, location):
        column.open.append(Stretch(span.start.astimezone(zone), _minutes(span.start, span.end)))
    for block in working.blocks_of(column.day, column.provider, location, column.room):
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
