"""How many leads of each kind: one statement for whole months, one for each rest, and every table adds them up."""

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import date

from django.db.models import Count, DateField, F, Q, Sum
from django.db.models.functions import Coalesce, Extract, TruncMonth
from django.utils import timezone

from crm.models import LeadMonth, LeadStatus
from crm.models.lead_words import OPEN

GROUP = ("month", "source", "assigned_to", "stage", "status", "lost_reason", "lost_from")
SUMS = ("count", "cents", "contacted", "convert_seconds")


@dataclass(frozen=True)
class Cell:
    """Leads that share the month in which they first asked and what became of them; ids, not rows.

    What was not asked for is None.
    """

    count: int
    cents: int
    contacted: int
    convert_seconds: int
    month: date = None
    source: object = None
    assigned_to: object = None
    stage: object = None
    status: str = None
    lost_reason: str = None
    lost_from: object = None


def month_of(field):
    """The first day of the month of a moment, in the time zone at hand."""
    return TruncMonth(field, tzinfo=timezone.get_current_timezone(), output_field=DateField())


def read_cells(cohort, group=GROUP, **only):
    """The cells of a Period by the columns of `group`, of those leads `only` that are so: few columns, few cells.

    Three statements at most, and one where the period is made of whole months. Of a rest that is not within the period
    (see Period.parts) the leads are taken off.
    """
    whole, edges = cohort.parts()
    parts = [(1, _kept(cohort, *whole, group, only))] if whole else []
    parts += [(sign, _counted(cohort.over(since, until), group, only)) for sign, since, until in edges]
    sums = defaultdict(lambda: [0] * len(SUMS))
    for sign, rows in parts:
        for row in rows:
            found = sums[row[: len(group)]]
            for place, value in enumerate(row[len(group) :]):
                found[place] += sign * int(value or 0)
    return [Cell(*values, **dict(zip(group, key, strict=True))) for key, values in sums.items() if values[0]]


def _kept(cohort, first, last, group, only):
    rows = cohort.narrow(LeadMonth.objects.between(first, last)).filter(**only).order_by().values_list(*group)
    return rows.annotate(*(Sum(name, default=0) for name in SUMS))


def _counted(cohort, group, only):
    took = Extract(F("converted_at") - F("captured_at"), "epoch")
    rows = cohort.leads.filter(**only).order_by().annotate(month=month_of("captured_at")).values_list(*group)
    return rows.annotate(
        number=Count("pk"),
        worth=Coalesce(Sum("expected_value_cents"), 0),
        called=Count("pk", filter=Q(first_contacted_at__isnull=False)),
        seconds=Sum(took, filter=Q(status=LeadStatus.CONVERTED)),
    )


@dataclass
class Sums:
    """What some cells add up to. Won is what the converted ones were expected to bring."""

    leads: int = 0
    open: int = 0
    converted: int = 0
    lost: int = 0
    contacted: int = 0
    cents: int = 0
    won_cents: int = 0
    lost_cents: int = 0
    convert_seconds: int = 0

    def add(self, cell):
        self.leads += cell.count
        self.contacted += cell.contacted
        self.cents += cell.cents
        if cell.status in OPEN:
            self.open += cell.count
        elif cell.status == LeadStatus.CONVERTED:
            self.converted += cell.count
            self.won_cents += cell.cents
            self.convert_seconds += cell.convert_seconds
        elif cell.status == LeadStatus.LOST:
            self.lost += cell.count
            self.lost_cents += cell.cents
        return self

    def __add__(self, other):
        return Sums(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Sums)))

    @property
    def conversion_rate(self):
        return self.converted / self.leads if self.leads else None

    @property
    def average_days_to_convert(self):
        return self.convert_seconds / 86400 / self.converted if self.converted else None


def sum_by(cells, *names):
    """{value of the field, or tuple of the values: Sums}."""
    found = defaultdict(Sums)
    for cell in cells:
        key = tuple(getattr(cell, name) for name in names)
        found[key if len(names) > 1 else key[0]].add(cell)
    return dict(found)


def sum_of(cells):
    total = Sums()
    for cell in cells:
        total.add(cell)
    return total
