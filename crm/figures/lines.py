# ruff: noqa: S608 - nothing a person typed enters the statements
"""What the figures of a period add up to: whole months from the lines that are kept, days at its edges from the facts.

Both by the same definition (crm.figures.making), and both up to date: nothing that was written before is missing.
"""

from django.db import connection

from clinics.models.base import current_clinic_id
from crm.figures.keeping import bring_up_to_date
from crm.figures.making import GROUP, LINES, SUMS
from crm.models import FigureKind

BY_SOURCE = {
    FigureKind.WAIT: FigureKind.WAIT_BY_SOURCE,
    FigureKind.TAKE: FigureKind.TAKE_BY_SOURCE,
    FigureKind.STAY: FigureKind.STAY_BY_SOURCE,
}
COLUMNS = ", ".join((*GROUP, *SUMS))
OF_MONTHS = f"""
    SELECT month, {COLUMNS} FROM crm_figureline
    WHERE clinic_id = %(clinic)s AND kind = '{{kind}}' AND month >= %(first)s AND month <= %(last)s
"""
OF_DAYS = f"""
    SELECT date_trunc('month', line.day)::date AS month, {", ".join(f"line.{name}" for name in (*GROUP, *SUMS))}
    FROM crm_figurefacts f CROSS JOIN LATERAL ({{line}}) line
    WHERE f.clinic_id = %(clinic)s AND {{some}} AND line.day BETWEEN %({{since}})s AND %({{until}})s
"""
# Which facts may have lines of some days.
ASKED = "f.asked_on BETWEEN %({since})s AND %({until})s"
MOVED = """f.lead IN (SELECT m.lead_id FROM crm_stagechange m
        WHERE m.clinic_id = %(clinic)s AND m.changed_at >= %({start})s AND m.changed_at < %({end})s)"""
SHOWN = "f.shown_on BETWEEN %({since})s AND %({until})s"
SOME = {
    FigureKind.SHOW: SHOWN,
    FigureKind.STAY: MOVED,
    FigureKind.STAY_BY_SOURCE: MOVED,
    FigureKind.MOVE: MOVED,
}
NARROW = {"sources": "source = ANY(%(sources)s::uuid[])", "locations": "location = ANY(%(locations)s::uuid[])"}


def read_lines(period, kind, group, sums=("number",)):
    """Rows of (the columns of `group`, the `sums`) of a Period: "month" and columns of FigureLine; two statements."""
    bring_up_to_date()
    if period.is_narrowed:
        kind = BY_SOURCE.get(kind, kind)
    facts = {"clinic": current_clinic_id()}
    parts = _parts(period, kind, facts)
    narrowed = [NARROW[name] for name in NARROW if getattr(period, name)]
    facts |= {name: list(getattr(period, name)) for name in NARROW}
    columns = ", ".join(group)
    statement = f"""
        SELECT {columns}, {", ".join(f"sum({name})::float8" for name in sums)} FROM ({" UNION ALL ".join(parts)}) lines
        {"WHERE " + " AND ".join(narrowed) if narrowed else ""} GROUP BY {columns} HAVING sum(number) <> 0
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        return cursor.fetchall()


def _parts(period, kind, facts):
    """The statements of which the lines of a period come; what they ask goes into `facts`."""
    # Consultations lie ahead: the month that is not over is whole for what has happened alone.
    whole, edges = period.parts(is_ahead=kind == FigureKind.SHOW)
    parts = []
    if whole:
        parts.append(OF_MONTHS.format(kind=kind))
        facts["first"], facts["last"] = whole
    for number, (since, until) in enumerate(edges):
        names = {name: f"{name}{number}" for name in ("since", "until", "start", "end")}
        edge = period.over(since, until)
        facts |= {names[name]: getattr(edge, name) for name in names}
        parts.append(OF_DAYS.format(line=LINES[kind], some=SOME.get(kind, ASKED).format(**names), **names))
    return parts
