# ruff: noqa: S608 - nothing a person typed enters the statements
"""Keeping the figures true: what was kept of leads of which something was written is taken back and made anew.

Triggers of the database write down which leads those are (StaleLead), in the transaction of the change, whichever way
it comes; nothing else is asked of a write. Whoever works in the background brings all of them up to date first; who
waits for a page does so where they are few (crm.figures.catching_up). One at a time, by a lock of the clinic.
"""

from django.db import connection

from clinics.models.base import current_clinic_id
from crm.figures.making import FACTS, FACTS_OF_LEADS, GROUP, MADE, MOVE_FACTS, MOVES_OF_LEADS, SUMS, TABLES
from crm.figures.parts import STRETCH_OF, WHOLE

AT_ONCE = 2_000
THESE = "= ANY(%(leads)s::uuid[])"
KEPT = ("kind", "month", "stretch", *GROUP)
BY_MONTH_ALONE = ", ".join(f"'{kind}'" for kind, made in MADE.items() if not made.has_stretches)
OF_FACTS = {
    letter: " UNION ALL ".join(made.statement(kind) for kind, made in MADE.items() if made.facts == letter)
    for letter in TABLES
}
# The lines of rows of facts, added up: of each month, and of its stretches. A line's id is made of all that it shares.
LINES = f"""
SELECT md5(ROW(clinic_id, {", ".join(KEPT)})::text)::uuid, clinic_id, now(), now(), {", ".join(KEPT)},
    {", ".join(f"sum(sign * {name})" for name in SUMS)}
FROM (
    SELECT f.sign, %(clinic)s::uuid AS clinic_id, date_trunc('month', line.day)::date AS month, line.*
    FROM {{f}} f CROSS JOIN LATERAL ({OF_FACTS["f"]}) line
    UNION ALL
    SELECT m.sign, %(clinic)s::uuid, date_trunc('month', line.day)::date, line.*
    FROM {{m}} m CROSS JOIN LATERAL ({OF_FACTS["m"]}) line
) lines CROSS JOIN LATERAL (
    SELECT {WHOLE} AS stretch UNION ALL SELECT {STRETCH_OF.format(day="day")} WHERE kind NOT IN ({BY_MONTH_ALONE})
) stretches
GROUP BY clinic_id, {", ".join(KEPT)}
"""
INTO_LINES = f"""
INSERT INTO crm_figureline AS kept (id, clinic_id, created_at, updated_at, {", ".join(KEPT)}, {", ".join(SUMS)})
"""
ADD_TO_THEM = "ON CONFLICT (id) DO UPDATE SET updated_at = now(), " + ", ".join(
    f"{name} = kept.{name} + excluded.{name}" for name in SUMS
)


def _into(table, columns):
    return f"INSERT INTO {table} (id, clinic_id, created_at, updated_at, {', '.join(columns)})"


def _all_of(columns, rows):
    return f"SELECT id, %(clinic)s::uuid, now(), now(), {', '.join(columns)} FROM {rows}"


def _changed(letter, columns, now, those):
    """The parts of a statement that take the facts of some leads in the place of those that were kept of them.

    They end in {letter}_changed: what goes with the sign -1, what comes with the sign 1. What has come from a lead of
    another batch, as moves do when two leads become one, was kept under the same id.
    """
    table, names = TABLES[letter], ", ".join(columns)
    return f"""
{letter}_now AS MATERIALIZED ({now}),
{letter}_before AS MATERIALIZED (
    SELECT id, {names} FROM {table} WHERE clinic_id = %(clinic)s AND {those} {THESE}
    UNION SELECT id, {names} FROM {table} WHERE clinic_id = %(clinic)s AND id IN (SELECT id FROM {letter}_now)
),
{letter}_new AS MATERIALIZED (SELECT id, {names} FROM {letter}_now EXCEPT SELECT * FROM {letter}_before),
{letter}_old AS MATERIALIZED (SELECT * FROM {letter}_before EXCEPT SELECT id, {names} FROM {letter}_now),
{letter}_gone AS (DELETE FROM {table} WHERE id IN (SELECT id FROM {letter}_old EXCEPT SELECT id FROM {letter}_new)),
{letter}_kept AS (
    {_into(table, columns)} {_all_of(columns, f"{letter}_new")}
    ON CONFLICT (id) DO UPDATE SET updated_at = now(), {", ".join(f"{name} = excluded.{name}" for name in columns)}
),
{letter}_changed AS (SELECT -1 AS sign, * FROM {letter}_old UNION ALL SELECT 1, * FROM {letter}_new)"""


MAKE_SOME = f"""
WITH {_changed("f", FACTS, FACTS_OF_LEADS.format(which=f"l.id {THESE}", of_which=f"m.lead_id {THESE}"), "id")},
{_changed("m", MOVE_FACTS, MOVES_OF_LEADS.format(of_which=f"m.lead_id {THESE}"), "lead")}
{INTO_LINES} {LINES.format(f="f_changed", m="m_changed")}
HAVING {" OR ".join(f"sum(sign * {name}) <> 0" for name in SUMS)}
{ADD_TO_THEM}
"""
FORGET_ALL = [
    f"DELETE FROM {table} WHERE clinic_id = %(clinic)s"
    for table in ("crm_stalelead", "crm_figurefacts", "crm_figuremove", "crm_figureline")
]
ALL_KEPT = {
    letter: f"(SELECT 1 AS sign, * FROM {table} WHERE clinic_id = %(clinic)s)" for letter, table in TABLES.items()
}
ALL_FACTS = FACTS_OF_LEADS.format(which="true", of_which="true")
ALL_MOVES = MOVES_OF_LEADS.format(of_which="true")
# In the order in which they are read, so that what is read together lies together.
MAKE_ALL = [
    f"{_into(TABLES['f'], FACTS)} {_all_of(FACTS, f'({ALL_FACTS}) facts')} ORDER BY asked_on",
    f"{_into(TABLES['m'], MOVE_FACTS)} {_all_of(MOVE_FACTS, f'({ALL_MOVES}) facts')} ORDER BY moved_on",
    INTO_LINES
    + LINES.format(
        **{
            letter: f"(SELECT 1 AS sign, * FROM {table} WHERE clinic_id = %(clinic)s)"
            for letter, table in TABLES.items()
        }
    )
    + "ORDER BY kind, month, stretch, source",
]
TURN = "SELECT pg_advisory_xact_lock(hashtextextended('figures ' || %(clinic)s::text, 0)) IS NOT NULL"
TRY_TURN = TURN.replace("pg_", "pg_try_").replace(" IS NOT NULL", "")
NEXT = """
DELETE FROM crm_stalelead WHERE id IN (SELECT id FROM crm_stalelead WHERE clinic_id = %(clinic)s LIMIT %(at_once)s)
RETURNING lead
"""
# How many leads wait: counted as far as it is worth it.
WAITING = """
SELECT count(*) FROM (
    SELECT DISTINCT lead FROM crm_stalelead WHERE clinic_id = %(clinic)s ORDER BY lead LIMIT %(most)s
) leads
"""

IS_NEW = f"SELECT NOT EXISTS (SELECT 1 FROM crm_figurefacts WHERE clinic_id = %(clinic)s) AND ({WAITING}) = %(most)s"


def count_waiting(most):
    """How many leads of the open clinic something was written of since their figures were made, counted to `most`."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"clinic": current_clinic_id(), "most": most})
        return cursor.fetchone()[0]


def bring_up_to_date(*, batches=None, waits=True):
    """Make the figures of all stale leads of the open clinic anew, or of some batches; returns how many leads.

    A clinic of which nothing is kept yet has all of its leads made at once. Whoever else is at it is waited for, or,
    without `waits`, left alone.
    """
    clinic, done = {"clinic": current_clinic_id()}, 0
    if not count_waiting(1):
        return 0
    with connection.cursor() as cursor:
        if not _takes_turn(cursor, clinic, waits):
            return 0
        cursor.execute(IS_NEW, clinic | {"most": AT_ONCE})
        if cursor.fetchone()[0]:
            _make_all(cursor, clinic)
            return AT_ONCE
        while batches is None or batches > 0:
            cursor.execute(NEXT, clinic | {"at_once": AT_ONCE})
            leads = list({lead for (lead,) in cursor.fetchall()})
            if not leads:
                break
            cursor.execute(MAKE_SOME, clinic | {"leads": leads})
            done += len(leads)
            batches = batches and batches - 1
    return done


def make_all_anew():
    """Make the figures of every lead of the open clinic from nothing."""
    clinic = {"clinic": current_clinic_id()}
    with connection.cursor() as cursor:
        _takes_turn(cursor, clinic, waits=True)
        _make_all(cursor, clinic)


def _takes_turn(cursor, clinic, waits):
    cursor.execute(TURN if waits else TRY_TURN, clinic)
    return cursor.fetchone()[0]


def _make_all(cursor, clinic):
    cursor.execute("SET LOCAL work_mem = '64MB'")
    for statement in (*FORGET_ALL, *MAKE_ALL):
        cursor.execute(statement, clinic)
