"""Closing a month of leads: what they had come to by then is kept, so that what came later can be told apart."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from clinics.audit import SYSTEM, record
from crm.figures.cells import read_cells, sum_of
from crm.figures.cohort import Period, end_of_month, months_earlier
from crm.figures.revenue import read_collected
from crm.figures.spending import read_costs
from crm.models import LeadStatus, MonthClose

MONTHS_BACK = 13


def close_months(today=None):
    """Close the months of the last year that are over and not closed yet; returns the new MonthClose rows.

    A month that ended long ago, before anybody kept this, is closed as it stood on the day after its end, as far as
    dates still tell. Records "crm.month.closed".
    """
    today = today or timezone.localdate()
    closed = set(MonthClose.objects.values_list("month", flat=True))
    months = (months_earlier(today, number) for number in range(MONTHS_BACK, 0, -1))
    return [close for month in months if month not in closed and (close := close_month(month)) is not None]


def close_month(month):
    """Close one month; None if it had no leads and no cost, or if somebody else has closed it meanwhile."""
    period, closed_on = Period(month, end_of_month(month)), end_of_month(month) + timedelta(days=1)
    leads = sum_of(read_cells(period, ("status",))).leads
    cost = read_costs(period).total
    if not leads and not cost:
        return None
    try:
        with transaction.atomic():
            close = MonthClose.objects.create(
                month=month,
                closed_on=closed_on,
                leads=leads,
                converted=started_before(period),
                cost_cents=cost,
                collected_cents=read_collected(period, until=period.until),
            )
            record("crm.month.closed", close, by=SYSTEM, after={"month": str(month)})
    except IntegrityError:
        return None
    return close


def started_before(period):
    """How many leads of the period had started by its end."""
    return period.leads.filter(status=LeadStatus.CONVERTED, converted_at__lt=period.end).total()
