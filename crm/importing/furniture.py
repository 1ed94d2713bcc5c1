"""Rows of a table that are no people: its headings once more, a line of totals, the foot of a report."""

import re

from django.utils.translation import gettext as _

from clinics.tables.headings import own_name
from crm.importing.mapping import plain

TOTALS = re.compile(
    r"(grand |sub ?|running )?totals?( general| records?| rows?| leads?| contacts?| patients?| clients?)?"
    r"|average|avg|promedio|durchschnitt|gesamt(summe)?|summe|insgesamt"
    r"|suma|suma total|somme|totale|record count|row count|count|registros|number of (records|leads|contacts|rows)"
)
FOOT = re.compile(r"(generated|exported|printed|created|downloaded) (on|by|at|from)\b.*|end of (report|file|list)"
                  r"|\d+ (rows?|records?|leads?|contacts?|patients?|clients?)( selected| exported| found)?"
                  r"|(unified|full|summary|details) report"
                  r"|page \d+( of \d+)?|confidential.*|copyright.*|informe generado.*"
                  r"|erstellt am.*")  # fmt: skip
REACHABLE = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|\+?\(?\d[\d\s().\-/]{8,20}")


def furniture_of(cells, headers):
    """What a row is if it is no person, in words; "" for a person."""
    filled = [(place, cell.strip()) for place, cell in enumerate(cells) if cell.strip()]
    if len(filled) > 1 and all(place < len(headers) and _same(cell, headers[place]) for place, cell in filled):
        return _("The headings once more, not a person.")
    if not filled or len(filled) > max(3, len(headers) // 2):
        return ""
    first, others = filled[0][1], [cell for _place, cell in filled[1:]]
    if any(REACHABLE.fullmatch(cell) for _place, cell in filled):
        return ""
    words = plain(re.sub(r"\([^)]*\)|[\d.,:=#]+", " ", first))
    if TOTALS.fullmatch(words) and (others or any(map(str.isdigit, first))):
        return _("A line of totals, not a person.")
    if FOOT.fullmatch(plain(first)) and not others:
        return _("The foot of a report, not a person.")
    return ""


def _same(cell, header):
    return plain(cell) != "" and plain(cell) in (plain(own_name(header)), plain(header))
