"""Keeping the tallies of leads short: the lines that the triggers of crm_lead have added are added up."""

from django.db import connection

from clinics.models.base import current_clinic_id
from crm.models import LeadMonth, LeadTally

# Reading this many lines more than there are groups is not felt.
LINES_TO_SPARE = 500
# Lines of a transaction that is still open are locked, and stay for another time: nobody waits for anybody.
FOLD = """
    WITH folded AS (
        DELETE FROM {table} WHERE clinic_id = %(clinic)s AND id IN (
            SELECT id FROM {table} WHERE clinic_id = %(clinic)s FOR UPDATE SKIP LOCKED
        ) RETURNING *
    )
    INSERT INTO {table} (id, clinic_id, created_at, updated_at, {group}, {figures})
    SELECT gen_random_uuid(), clinic_id, now(), now(), {group}, {sums}
    FROM folded GROUP BY clinic_id, {group} HAVING {some}
"""
KEPT = {
    LeadTally: (("stage", "status", "assigned_to", "source", "location"), ("count", "cents")),
    LeadMonth: (
        ("month", "source", "location", "assigned_to", "stage", "status", "lost_reason", "lost_from"),
        ("count", "cents", "contacted", "convert_seconds"),
    ),
}


def fold_tallies():
    """Add up the tallies of the open clinic, one line a group, where they have grown long."""
    for model, (group, figures) in KEPT.items():
        lines = model.objects.order_by()
        if lines.count() > lines.values(*group).distinct().count() + LINES_TO_SPARE:
            _fold(model, group, figures)


def _fold(model, group, figures):
    statement = FOLD.format(
        table=model._meta.db_table,
        group=", ".join(group),
        figures=", ".join(figures),
        sums=", ".join(f"sum({name})" for name in figures),
        some=" OR ".join(f"sum({name}) <> 0" for name in figures),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"clinic": current_clinic_id()})
