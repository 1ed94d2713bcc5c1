"""What was collected from the patients that the leads of a period became, refunds taken off.

A payment counts for the lead through which its patient came first, from the day on which that lead first asked. What a
patient paid before is no success of the lead.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection

from clinics.models.base import current_clinic_id
from crm.figures.lines import read_lines
from crm.figures.making import CENTS, COLLECTED
from crm.models import FigureKind

BY_DAY = f"""
    SELECT coalesce({CENTS}, 0) {COLLECTED}
    WHERE l.clinic_id = %(clinic)s AND l.deleted_at IS NULL AND l.captured_at >= %(start)s AND l.captured_at < %(end)s
        AND p.paid_on <= %(until)s
"""


@dataclass(frozen=True)
class Revenue:
    """Cents by (month of the first inquiry, source, coordinator)."""

    cents: dict

    def by(self, name):
        """The same by one of "month", "source" and "assigned_to"."""
        place, found = ("month", "source", "assigned_to").index(name), defaultdict(int)
        for key, cents in self.cents.items():
            found[key[place]] += cents
        return dict(found)

    @property
    def total(self):
        return sum(self.cents.values())


def read_revenue(period):
    """The Revenue of a period up to today."""
    rows = read_lines(period, FigureKind.PAID, ("month", "source", "assigned_to"), ("cents",))
    return Revenue({tuple(key): round(cents) for *key, cents in rows})


def read_collected(period, until):
    """What had been collected of a period by the end of the day `until`, in cents; reads the payments."""
    facts = {"clinic": current_clinic_id(), "start": period.start, "end": period.end, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(BY_DAY, facts)
        return cursor.fetchone()[0]
