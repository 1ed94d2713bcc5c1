# ruff: noqa: S608 - nothing a person typed enters the statements
"""What the figures of a period add up to: whole months from the lines that are kept, days at its edges from the facts.

Both by the same definition (crm.figures.making), and both up to date, but for what crm.figures.catching_up says.
"""

from django.db import connection

from clinics.models.base import current_clinic_id
from crm.figures.catching_up import catch_up
from crm.figures.making import GROUP, MADE, SUMS, TABLES
from crm.models import FigureKind

BY_LOCATION = {
    FigureKind.WAIT: FigureKind.WAIT_BY_LOCATION,
    FigureKind.TAKE: FigureKind.TAKE_BY_LOCATION,
    FigureKind.STAY: FigureKind.STAY_BY_LOCATION,
}
BY_SOURCE = {
    FigureKind.WAIT: FigureKind.WAIT_BY_SOURCE,
    FigureKind.TAKE: FigureKind.TAKE_BY_SOURCE,
    FigureKind.STAY: FigureKind.STAY_BY_SOURCE,
}
OF_MONTHS = f"""
    SELECT 1 AS sign, month, {", ".join((*GROUP, *SUMS))} FROM crm_figureline
    WHERE clinic_id = %(clinic)s AND kind = '{{kind}}' AND month >= %(first)s AND month <= %(last)s
"""
OF_DAYS = f"""
    SELECT {{sign}} AS sign, date_trunc('month', line.day)::date AS month,
        {", ".join(f"line.{name}" for name in (*GROUP, *SUMS))}
    FROM {{table}} {{facts}} CROSS JOIN LATERAL ({{line}}) line
    WHERE {{facts}}.clinic_id = %(clinic)s AND {{day}} BETWEEN %(since{{number}})s AND %(until{{number}})s
"""
NARROW = {"sources": "source = ANY(%(sources)s::uuid[])", "locations": "location = ANY(%(locations)s::uuid[])"}


def read_lines(period, kind, group, sums=("number",)):
    """Rows of (the columns of `group`, the `sums`) of a Period: "month" and columns of FigureLine; two statements."""
    catch_up()
    if period.is_narrowed:
        kind = (BY_SOURCE if period.sources else BY_LOCATION).get(kind, kind)
    facts = {"clinic": current_clinic_id()}
    parts = _parts(period, kind, facts)
    narrowed = [NARROW[name] for name in NARROW if getattr(period, name)]
    facts |= {name: list(getattr(period, name)) for name in NARROW}
    columns = ", ".join(group)
    statement = f"""
        SELECT {columns}, {", ".join(f"sum(sign * {name})::float8" for name in sums)}
        FROM ({" UNION ALL ".join(parts)}) lines {"WHERE " + " AND ".join(narrowed) if narrowed else ""}
        GROUP BY {columns} HAVING sum(sign * number) <> 0
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        return cursor.fetchall()


def _parts(period, kind, facts):
    """The statements of which the lines of a period come; what they ask goes into `facts`."""
    made, parts = MADE[kind], []
    # Consultations lie ahead: the month that is not over is whole for what has happened alone.
    whole, edges = period.parts(is_ahead=kind == FigureKind.SHOW)
    if whole:
        parts.append(OF_MONTHS.format(kind=kind))
        facts["first"], facts["last"] = whole
    place = {"table": TABLES[made.facts], "facts": made.facts, "day": made.day, "line": made.statement(kind)}
    for number, (sign, since, until) in enumerate(edges):
        facts |= {f"since{number}": since, f"until{number}": until}
        parts.append(OF_DAYS.format(sign=sign, number=number, **place))
    return parts
