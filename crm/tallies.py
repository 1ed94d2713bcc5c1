"""Keeping the tallies of leads short: the lines that the triggers of crm_lead have added are added up."""

from django.db import connection

from clinics.models.base import current_clinic_id
from crm.models import LeadTally

# Reading this many lines more than there are groups is not felt.
LINES_TO_SPARE = 500
# Lines of a transaction that is still open are locked, and stay for another time: nobody waits for anybody.
FOLD = """
    WITH folded AS (
        DELETE FROM crm_leadtally WHERE clinic_id = %(clinic)s AND id IN (
            SELECT id FROM crm_leadtally WHERE clinic_id = %(clinic)s FOR UPDATE SKIP LOCKED
        ) RETURNING *
    )
    INSERT INTO crm_leadtally (id, clinic_id, created_at, updated_at, stage, status, assigned_to, source, location, count, cents)
    SELECT gen_random_uuid(), clinic_id, now(), now(), stage, status, assigned_to, source, location, sum(count), sum(cents)
    FROM folded GROUP BY clinic_id, stage, status, assigned_to, source, location
    HAVING sum(count) <> 0 OR sum(cents) <> 0
"""  # noqa: E501


def fold_tallies():
    """Add up the tallies of the open clinic, one line a group, where they have grown long."""
    lines = LeadTally.objects.order_by()
    groups = lines.values("stage", "status", "assigned_to", "source", "location").distinct()
    if lines.count() > groups.count() + LINES_TO_SPARE:
        with connection.cursor() as cursor:
            cursor.execute(FOLD, {"clinic": current_clinic_id()})
