# ruff: noqa: S608 - nothing a person typed enters the statements
"""Keeping the figures true: the leads of which something was written are taken back and made anew from their rows.

Triggers of the database write down which leads those are (StaleLead), in the transaction of the change, whichever way
it comes; nothing else is asked of a write. Whoever reads figures brings them up to date first, so that they are exact;
the clock does so every minute, so that little is left for whoever reads. One at a time: the others wait for it.
"""

from django.db import connection

from clinics.models.base import current_clinic_id
from crm.figures.making import FACTS, FACTS_OF_LEADS, GROUP, LINES, SUMS

AT_ONCE = 20_000
SOME, OF_SOME = "l.id = ANY(%(leads)s::uuid[])", "m.lead_id = ANY(%(leads)s::uuid[])"
KEPT = ("kind", "month", *GROUP)
# A line's id is made of all that it shares.
ADD = f"""
INSERT INTO crm_figureline AS kept (id, clinic_id, created_at, updated_at, {", ".join(KEPT)}, {", ".join(SUMS)})
SELECT md5(ROW(clinic_id, {", ".join(KEPT)})::text)::uuid, clinic_id, now(), now(), {", ".join(KEPT)},
    {", ".join(f"{{sign}} * sum({name})" for name in SUMS)}
FROM (
    SELECT f.clinic_id, date_trunc('month', line.day)::date AS month, line.*
    FROM {{facts}} f CROSS JOIN LATERAL ({" UNION ALL ".join(LINES.values())}) line
) lines
GROUP BY clinic_id, {", ".join(KEPT)}
"""
TO_WHAT_IS_KEPT = "ON CONFLICT (id) DO UPDATE SET updated_at = now(), " + ", ".join(
    f"{name} = kept.{name} + excluded.{name}" for name in SUMS
)
TAKE_BACK = f"""
WITH gone AS (DELETE FROM crm_figurefacts WHERE clinic_id = %(clinic)s AND lead = ANY(%(leads)s::uuid[]) RETURNING *)
{ADD.format(facts="gone", sign="-1")} {TO_WHAT_IS_KEPT}
"""
INTO_FACTS = f"INSERT INTO crm_figurefacts (id, clinic_id, created_at, updated_at, {', '.join(FACTS)})"
NEW_FACTS = f"SELECT gen_random_uuid(), %(clinic)s::uuid, now(), now(), facts.* FROM ({FACTS_OF_LEADS}) facts"
TAKE_IN = f"""
WITH made AS ({INTO_FACTS} {NEW_FACTS.format(which=SOME, of_which=OF_SOME)} RETURNING *)
{ADD.format(facts="made", sign="1")} {TO_WHAT_IS_KEPT}
"""
FORGET_ALL = [
    f"DELETE FROM {table} WHERE clinic_id = %(clinic)s"
    for table in ("crm_stalelead", "crm_figurefacts", "crm_figureline")
]
MAKE_ALL = f"{INTO_FACTS} {NEW_FACTS.format(which='true', of_which='true')}"
ADD_ALL = ADD.format(facts="(SELECT * FROM crm_figurefacts WHERE clinic_id = %(clinic)s)", sign="1")
IS_STALE = "SELECT EXISTS (SELECT 1 FROM crm_stalelead WHERE clinic_id = %(clinic)s)"
TURN = "SELECT pg_advisory_xact_lock(hashtextextended('figures ' || %(clinic)s::text, 0))"
NEXT = """
DELETE FROM crm_stalelead WHERE id IN (SELECT id FROM crm_stalelead WHERE clinic_id = %(clinic)s LIMIT %(at_once)s)
RETURNING lead
"""


def bring_up_to_date(*, batches=None):
    """Make the figures of all stale leads of the open clinic anew, or of some batches; returns how many leads."""
    facts, done = {"clinic": current_clinic_id(), "at_once": AT_ONCE}, 0
    with connection.cursor() as cursor:
        cursor.execute(IS_STALE, facts)
        if not cursor.fetchone()[0]:
            return 0
        _wait_for_turn(cursor, facts)
        while batches is None or batches > 0:
            cursor.execute(NEXT, facts)
            leads = list({lead for (lead,) in cursor.fetchall()})
            if not leads:
                break
            for statement in (TAKE_BACK, TAKE_IN):
                cursor.execute(statement, facts | {"leads": leads})
            done += len(leads)
            batches = batches and batches - 1
    return done


def make_all_anew():
    """Make the figures of every lead of the open clinic from nothing."""
    facts = {"clinic": current_clinic_id()}
    with connection.cursor() as cursor:
        _wait_for_turn(cursor, facts)
        for statement in (*FORGET_ALL, MAKE_ALL, ADD_ALL):
            cursor.execute(statement, facts)


def _wait_for_turn(cursor, facts):
    cursor.execute(TURN, facts)
