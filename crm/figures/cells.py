# ruff: noqa: S608 - nothing a person typed enters the statements
"""How many leads of each kind, counted in one statement by all that a page asks; every table adds them up."""

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import date

from django.db import connection
from django.db.models import Case, DateField, F, FloatField, Value, When
from django.db.models.functions import Coalesce, Extract

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


def read_cells(cohort, group=GROUP):
    """The cells of a Period by the columns of `group`: few columns, few cells."""
    return read_cells_by(cohort, {"cells": group})["cells"]


def read_cells_by(cohort, groups):
    """{name: cells} of a Period by the columns of each group: {name: columns}, no two groups of the same columns.

    One statement: whole months are added up from what is kept, the rest is counted, and of a rest that is not within
    the period (see Period.parts) the leads are taken off.
    """
    columns = [name for name in GROUP if any(name in group for group in groups.values())]
    whole, edges = cohort.parts()
    parts = [(1, _kept(cohort, *whole, columns))] if whole else []
    parts += [(sign, _counted(cohort.over(since, until), columns)) for sign, since, until in edges]
    rows, values = [], []
    for sign, leads in parts:
        statement, given = leads.query.sql_with_params()
        rows.append(f"SELECT {sign}, part.* FROM ({statement}) part")
        values += given
    named = ", ".join(columns)
    statement = f"""
        SELECT GROUPING({named}), {named}, {", ".join(f"sum(sign * {name}::float8)" for name in SUMS)}
        FROM ({" UNION ALL ".join(rows)}) leads (sign, {named}, {", ".join(SUMS)})
        GROUP BY GROUPING SETS ({", ".join(f"({', '.join(group)})" for group in groups.values())})
        HAVING sum(sign * count) <> 0
    """
    found = {_mask(columns, group): (name, []) for name, group in groups.items()}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for mask, *row in cursor.fetchall():
            name, cells = found[mask]
            known = {column: row[columns.index(column)] for column in groups[name]}
            cells.append(Cell(*map(int, row[len(columns) :]), **known))
    return dict(found.values())


def _mask(columns, group):
    """What GROUPING() says of a group: a bit for each column that it does not know."""
    return int("".join("0" if column in group else "1" for column in columns), 2)


def _kept(cohort, first, last, columns):
    return cohort.narrow(LeadMonth.objects.between(first, last)).order_by().values_list(*columns, *SUMS)


def _counted(cohort, columns):
    took = Extract(F("converted_at") - F("captured_at"), "epoch")
    leads = cohort.leads.order_by()
    # Days of a rest are of one month.
    leads = leads.annotate(month=Value(cohort.since.replace(day=1), DateField())) if "month" in columns else leads
    return leads.annotate(
        number=Value(1),
        worth=Coalesce("expected_value_cents", 0),
        called=Case(When(first_contacted_at__isnull=False, then=1), default=0),
        seconds=Case(When(status=LeadStatus.CONVERTED, then=took), default=0, output_field=FloatField()),
    ).values_list(*columns, "number", "worth", "called", "seconds")


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
