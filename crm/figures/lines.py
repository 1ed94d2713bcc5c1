# ruff: noqa: S608 - nothing a person typed enters the statements
"""What the figures of a period add up to: what is kept of months and stretches of days; the days left, from the facts.

Both by the same definition (crm.figures.making), and both up to date, but for what crm.figures.catching_up says.
"""

from functools import cache

from django.db import connection

from clinics.models.base import current_clinic_id
from crm.figures.making import GROUP, MADE, SUMS, TABLES
from crm.models import FigureKind

BY_LOCATION = {
    FigureKind.WAIT: FigureKind.WAIT_BY_LOCATION,
    FigureKind.TAKE: FigureKind.TAKE_BY_LOCATION,
    FigureKind.STAY: FigureKind.STAY_BY_LOCATION,
    FigureKind.MIX: FigureKind.MIX_BY_LOCATION,
}
BY_SOURCE = {
    FigureKind.WAIT: FigureKind.WAIT_BY_SOURCE,
    FigureKind.TAKE: FigureKind.TAKE_BY_SOURCE,
    FigureKind.STAY: FigureKind.STAY_BY_SOURCE,
    FigureKind.MIX: FigureKind.MIX_BY_LOCATION,
}
NARROW = {"sources": "source = ANY(%(sources)s::uuid[])", "locations": "location = ANY(%(locations)s::uuid[])"}


def read_lines(period, kind, group, sums=("number",)):
    """Rows of (the columns of `group`, the `sums`) of a Period: "month" and columns of FigureLine; one statement.

    The caller has caught up (crm.figures.catching_up).
    """
    if period.is_narrowed:
        kind = (BY_SOURCE if period.sources else BY_LOCATION).get(kind, kind)
    # Consultations lie ahead: the month that is not over is whole for what has happened alone.
    parts = period.parts(is_ahead=kind == FigureKind.SHOW, stretches=MADE[kind].has_stretches)
    asked = {"clinic": current_clinic_id()} | {name: list(getattr(period, name)) for name in NARROW}
    asked |= _columns(parts.kept, ("signs", "months", "stretches"))
    asked |= _columns(parts.days, ("day_signs", "since", "until"))
    narrowed = tuple(name for name in NARROW if getattr(period, name))
    with connection.cursor() as cursor:
        cursor.execute(_statement(kind, group, sums, narrowed, bool(parts.kept), bool(parts.days)), asked)
        return cursor.fetchall()


def _columns(rows, names):
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


@cache
def _statement(kind, group, sums, narrowed, has_kept, has_days):
    made, columns = MADE[kind], ", ".join(group)
    needed = [name for name in (*GROUP, *SUMS) if name in {*group, *sums, "number", "source", "location"}]
    kept = f"""
        SELECT part.sign, part.month, {", ".join(f"line.{name}" for name in needed)}
        FROM unnest(%(signs)s::int[], %(months)s::date[], %(stretches)s::int[]) part (sign, month, stretch)
        JOIN crm_figureline line ON line.clinic_id = %(clinic)s AND line.kind = '{kind}'
            AND line.month = part.month AND line.stretch = part.stretch
        {_where("line", narrowed)}"""
    days = f"""
        SELECT part.sign, date_trunc('month', line.day)::date AS month, {", ".join(f"line.{name}" for name in needed)}
        FROM unnest(%(day_signs)s::int[], %(since)s::date[], %(until)s::date[]) part (sign, since, until)
        JOIN {TABLES[made.facts]} {made.facts} ON {made.facts}.clinic_id = %(clinic)s
            AND {made.day} BETWEEN part.since AND part.until
        CROSS JOIN LATERAL ({made.statement(kind)}) line
        {_where(made.facts, narrowed)}"""
    return f"""
        SELECT {columns}, {", ".join(f"sum(sign * {name})::float8" for name in sums)}
        FROM ({" UNION ALL ".join([kept] * has_kept + [days] * has_days)}) lines
        GROUP BY {columns} HAVING sum(sign * number) <> 0"""


def _where(table, narrowed):
    return "WHERE " + " AND ".join(f"{table}.{NARROW[name]}" for name in narrowed) if narrowed else ""
