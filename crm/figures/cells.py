# ruff: noqa: S608 - nothing a person typed enters the statements
"""How many leads of each kind there are, in one statement; every table adds them up."""

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import date
from functools import cache

from django.db import connection

from clinics.models.base import current_clinic_id
from crm.models import LeadStatus
from crm.models.lead_words import OPEN

GROUP = ("month", "source", "assigned_to", "stage", "status", "lost_reason", "lost_from")
SUMS = ("count", "cents", "contacted", "convert_seconds")
NARROW = {
    "sources": {
        "kept": "kept.source = ANY(%(sources)s::uuid[])",
        "lead": "lead.source_id = ANY(%(sources)s::uuid[])",
    },
    "locations": {
        "kept": "kept.location = ANY(%(locations)s::uuid[])",
        "lead": "lead.location_id = ANY(%(locations)s::uuid[])",
    },
}
# The same of one lead. Days are of one month.
OF_LEADS = {name: f"lead.{name}_id" for name in ("source", "assigned_to", "stage")}
OF_LEADS |= {name: f"lead.{name}" for name in ("status", "lost_reason", "lost_from")}
OF_LEADS |= {
    "month": "part.month",
    "count": "1",
    "cents": "coalesce(lead.expected_value_cents, 0)",
    "contacted": "(lead.first_contacted_at IS NOT NULL)::int",
    "convert_seconds": "CASE WHEN lead.status = 'CONVERTED'"
    " THEN extract(epoch FROM lead.converted_at - lead.captured_at)::float8 ELSE 0 END",
}


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
    """The cells of a Period by the columns of `group`: few columns, few cells.

    Exact at any time: whole months are added up from what the triggers of leads keep, the days that are left are
    counted, or taken off. Where lines of figures are up to date, crm.figures.kept_cells finds the same by reading less.
    """
    parts, columns = cohort.parts(stretches=False), tuple(name for name in GROUP if name in group)
    days = [(sign, cohort.over(since, until)) for sign, since, until in parts.days]
    asked = {name: list(getattr(cohort, name)) for name in NARROW} | {
        "clinic": current_clinic_id(),
        "months": [month for _sign, month, _stretch in parts.kept],
        "signs": [sign for sign, _days in days],
        "day_months": [each.since.replace(day=1) for _sign, each in days],
        "starts": [each.start for _sign, each in days],
        "ends": [each.end for _sign, each in days],
    }
    narrowed = tuple(name for name in NARROW if getattr(cohort, name))
    with connection.cursor() as cursor:
        cursor.execute(_statement(columns, narrowed), asked)
        rows = cursor.fetchall()
    number = len(columns)
    return [Cell(*map(int, row[number:]), **dict(zip(columns, row[:number], strict=True))) for row in rows]


@cache
def _statement(columns, narrowed):
    where = {table: "".join(f" AND {NARROW[name][table]}" for name in narrowed) for table in ("kept", "lead")}
    named = ", ".join(columns)
    return f"""
        SELECT {named}, {", ".join(f"sum(sign * {name}::float8)" for name in SUMS)}
        FROM (
            SELECT 1 AS sign, {", ".join(f"kept.{name}" for name in (*columns, *SUMS))}
            FROM unnest(%(months)s::date[]) part (month)
            JOIN crm_leadmonth kept ON kept.clinic_id = %(clinic)s AND kept.month = part.month {where["kept"]}
            UNION ALL
            SELECT part.sign, {", ".join(OF_LEADS[name] for name in (*columns, *SUMS))}
            FROM unnest(%(signs)s::int[], %(day_months)s::date[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
                part (sign, month, start, finish)
            JOIN crm_lead lead ON lead.clinic_id = %(clinic)s AND lead.deleted_at IS NULL
                AND lead.captured_at >= part.start AND lead.captured_at < part.finish {where["lead"]}
        ) leads
        GROUP BY {named} HAVING sum(sign * count) <> 0
    """


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
