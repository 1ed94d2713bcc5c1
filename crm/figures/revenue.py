"""What was collected from the patients that the leads of a period became, refunds taken off.

A payment counts for the lead through which its patient came first, from the day on which that lead first asked. What a
patient paid before is no success of the lead.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection

from clinics.models.base import current_clinic_id

PAID = """
    SELECT {group}, sum(CASE WHEN p.kind = 'REFUND' THEN -p.amount_cents ELSE p.amount_cents END)::bigint
    FROM crm_lead l
    JOIN clinics_clinic c ON c.id = l.clinic_id
    JOIN crm_leadconversion v ON v.clinic_id = l.clinic_id AND v.lead_id = l.id AND v.undone_at IS NULL
    JOIN crm_convertedpatient cp ON cp.clinic_id = l.clinic_id AND cp.conversion_id = v.id
    JOIN patients_payment p ON p.clinic_id = l.clinic_id AND p.patient_id = cp.patient_id
        AND p.paid_on >= (l.captured_at AT TIME ZONE c.time_zone)::date AND p.paid_on <= coalesce(%(until)s, p.paid_on)
    WHERE l.clinic_id = %(clinic)s AND l.deleted_at IS NULL AND l.captured_at >= %(start)s AND l.captured_at < %(end)s
        AND (%(sources)s::uuid[] IS NULL OR l.source_id = ANY(%(sources)s::uuid[]))
        AND (%(locations)s::uuid[] IS NULL OR l.location_id = ANY(%(locations)s::uuid[]))
        AND NOT EXISTS (
            SELECT 1 FROM crm_convertedpatient cq
            JOIN crm_leadconversion w ON w.clinic_id = cq.clinic_id AND w.id = cq.conversion_id AND w.undone_at IS NULL
            WHERE cq.clinic_id = l.clinic_id AND cq.patient_id = cp.patient_id
                AND (w.converted_at, w.id) < (v.converted_at, v.id))
    GROUP BY {group}
"""
BY_KIND = "date_trunc('month', l.captured_at AT TIME ZONE c.time_zone)::date, l.source_id, l.assigned_to_id"


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


def read_revenue(period, until=None):
    """The Revenue of a period, up to the day `until` or today; one statement."""
    return Revenue({tuple(key): cents for *key, cents in paid_by(period, BY_KIND, until)})


def paid_by(period, group, until=None, *, only_touched_again=False):
    """Rows of (the columns of `group`, cents); of leads with more than one touch alone, where that is asked for."""
    facts = {
        "clinic": current_clinic_id(),
        "start": period.start,
        "end": period.end,
        "until": until,
        "sources": [str(pk) for pk in period.sources] or None,
        "locations": [str(pk) for pk in period.locations] or None,
    }
    statement = PAID.format(group=group)
    if only_touched_again:
        again = (
            "AND EXISTS (SELECT 1 FROM crm_touchpoint t WHERE t.clinic_id = l.clinic_id AND t.lead_id = l.id"
            " AND t.is_repeat) GROUP BY"
        )
        statement = statement.replace("GROUP BY", again)
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        return cursor.fetchall()
