"""One pass over a whole file before its columns are mapped: rows counted, broken ones named, few words collected."""

from collections import Counter

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.tables.errors import FileIsEmpty
from crm.importing.furniture import furniture_of
from crm.importing.mapping import SAMPLE

FEW_WORDS = 60  # a column with more different words is not asked about word by word
LONGEST_WORD = 80
SAMPLES = 3
LINES_NAMED = 8
STEP = 1000


def look_over(table, *, after_step=None):
    """{"rows": the cells of the first ones, "count", "columns", "notices"} of a Table; columns are told in order.

    `after_step` is called with the number of rows so far, every thousand rows. Raises FileIsEmpty.
    """
    width = len(table.headers)
    words = [Counter() for _column in range(width)]
    samples = [{} for _column in range(width)]
    filled, rows, count, uneven, broken, whole = [0] * width, [], 0, [], [], 0
    open_columns = set(range(width))
    for row in table.rows:
        count += 1
        if after_step and count % STEP == 0:
            after_step(count)
        if row.problem:
            if len(row.cells) == width:
                broken.append(row.problem)
            elif not furniture_of(row.cells, table.headers):
                uneven.append(row.line)
            continue
        whole += 1
        if len(rows) < SAMPLE:
            rows.append(row.cells)
            for place, cell in enumerate(row.cells):
                if cell.strip() and len(samples[place]) < SAMPLES:
                    samples[place].setdefault(cell.strip()[:120])
        for place in list(open_columns):
            cell = row.cells[place].strip()
            if cell:
                filled[place] += 1
                words[place][cell] += 1
                if len(words[place]) > FEW_WORDS or len(cell) > LONGEST_WORD:
                    open_columns.discard(place)
    if not whole:
        raise FileIsEmpty(_("No row of this file has as many cells as there are headings."))
    columns = [
        {
            "samples": list(samples[place]),
            "words": [list(word) for word in words[place].most_common()] if place in open_columns else None,
            "is_empty": place in open_columns and not filled[place],
        }
        for place in range(width)
    ]
    return {
        "rows": rows,
        "count": count,
        "columns": columns,
        "notices": [*broken[:LINES_NAMED], *_uneven_notice(uneven)],
    }


def _uneven_notice(lines):
    if not lines:
        return []
    named = ", ".join(str(line) for line in lines[:LINES_NAMED]) + ("…" if len(lines) > LINES_NAMED else "")
    return [
        ngettext(
            "%(count)d row has more or fewer cells than there are headings and will not be imported: row %(lines)s.",
            "%(count)d rows have more or fewer cells than there are headings and will not be imported: rows %(lines)s.",
            len(lines),
        )
        % {"count": len(lines), "lines": named}
    ]
