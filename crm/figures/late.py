"""What changed in the months since each was first closed: patients who started later, money that came later."""

from dataclasses import dataclass
from datetime import date

from crm.figures.cells import sum_by
from crm.figures.cohort import months_earlier
from crm.figures.kept_cells import cells_of
from crm.figures.revenue import read_revenue
from crm.figures.spending import read_costs
from crm.models import FigureKind, MonthClose

MONTHS = 13


@dataclass(frozen=True)
class LateMonth:
    """One closed month: what stood there when it was closed, and what stands there now."""

    month: date
    closed_on: date
    leads_then: int
    leads: int
    converted_then: int
    converted: int
    cost_then: int
    cost: int
    collected_then: int
    collected: int

    @property
    def late_cents(self):
        """What has come in since."""
        return self.collected - self.collected_then

    @property
    def late_starts(self):
        return self.converted - self.converted_then


def read_late(period, *, is_up_to_date):
    """[LateMonth] of the year up to the end of a period, the newest first. They are of the whole clinic."""
    first = months_earlier(period.until, MONTHS)
    closes = list(MonthClose.objects.filter(month__gte=first, month__lte=period.until).order_by("-month"))
    if not closes:
        return []
    span = type(period)(closes[-1].month, period.until)
    cells = sum_by(cells_of(span, FigureKind.TOTAL, is_up_to_date=is_up_to_date), "month")
    costs = read_costs(span).by_month
    collected = read_revenue(span).by("month")
    return [
        LateMonth(
            close.month,
            close.closed_on,
            close.leads,
            cells[close.month].leads if close.month in cells else 0,
            close.converted,
            cells[close.month].converted if close.month in cells else 0,
            close.cost_cents,
            costs.get(close.month, 0),
            close.collected_cents,
            collected.get(close.month, 0),
        )
        for close in closes
    ]
