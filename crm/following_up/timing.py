"""When a rule acts: its delay counted while the location is open. Pure."""

from datetime import timedelta

from clinics.business_hours import FURTHEST
from crm.models import DelayUnit


def due_after(hours, moment, amount, unit):
    """The moment that lies `amount` units of open time after another (BusinessHours `hours`); at once for nothing.

    Business days: the same time on the n-th day on which the place opens, or its opening if that comes later.
    A place that does not open for two months has no hours to count: the plain span counts then.
    """
    if not amount:
        return moment
    if unit == DelayUnit.DAYS:
        return _days_after(hours, moment, amount)
    span = timedelta(minutes=amount) if unit == DelayUnit.MINUTES else timedelta(hours=amount)
    return hours.add(moment, span) or moment + span


def _days_after(hours, moment, amount):
    local, left = moment.astimezone(hours.zone), amount
    for days in range(1, FURTHEST + amount * 7):
        day = local.date() + timedelta(days=days)
        spans = hours.spans_of(day)
        left -= bool(spans)
        if not left:
            then = local.replace(tzinfo=None, year=day.year, month=day.month, day=day.day)
            return max(then.replace(tzinfo=hours.zone).astimezone(spans[0][0].tzinfo), spans[0][0])
    return moment + timedelta(days=amount)
