"""Month by month: what came in, what became of it, what it cost and brought; beside it the months a year before."""

from dataclasses import dataclass
from datetime import date

from crm.analytics import ratio
from crm.figures.cells import sum_by
from crm.figures.cohort import months_earlier
from crm.figures.kept_cells import cells_of
from crm.figures.revenue import read_revenue
from crm.figures.spending import read_costs
from crm.models import FigureKind

MONTHS, YOUNG = 13, 3


@dataclass(frozen=True)
class Month:
    """The leads that first asked in one month; collected is what their patients have paid up to today."""

    first: date
    leads: int
    converted: int
    lost: int
    cost_cents: int
    collected_cents: int
    leads_a_year_before: int
    is_young: bool = False  # one of the last three: many of its leads have not decided yet

    @property
    def rate(self):
        return ratio(self.converted, self.leads)


def read_trend(period, *, is_up_to_date):
    """The Month of each of the 13 months up to that in which a period ends, the oldest first."""
    last = period.until.replace(day=1)
    first = months_earlier(last, MONTHS - 1)
    span, whole = period.over(first, period.until), period.over(months_earlier(first, 12), period.until)
    cells = cells_of(whole, FigureKind.TOTAL, is_up_to_date=is_up_to_date)
    by_month, costs = sum_by(cells, "month"), read_costs(span).by_month
    collected = read_revenue(span).by("month")
    months = []
    for number in range(MONTHS - 1, -1, -1):
        month = months_earlier(last, number)
        sums, before = by_month.get(month), by_month.get(months_earlier(month, 12))
        months.append(
            Month(
                month,
                sums.leads if sums else 0,
                sums.converted if sums else 0,
                sums.lost if sums else 0,
                costs.get(month, 0),
                collected.get(month, 0),
                before.leads if before else 0,
                is_young=number < YOUNG,
            )
        )
    return months
