"""Headings in two lines, groups above names (“Person” over “First” and “Last”), as people build them in Excel."""

from itertools import islice

from clinics.tables.reading import Reading, read_table
from crm.importing.mapping import is_known_heading

LOOKED_AT = 5


def read_upload(upload):
    """The Table of a file, and the line of its headings where that had to be said: below one that tells nothing.

    Raises UnreadableFile, in words for the person who chose the file.
    """
    table = read_table(upload)
    line = _line_of_names(table)
    return (table, None) if line is None else (read_table(upload, reading=Reading(header_line=line)), line)


def _line_of_names(table):
    if not table.has_header or _known_among(table.headers) > 1:
        return None
    for row in islice(table.rows, LOOKED_AT):
        filled = [cell for cell in row.cells if cell.strip()]
        known = _known_among(filled)
        if known > 1 and 2 * known > len(filled):
            return row.line
    return None


def _known_among(cells):
    return sum(map(is_known_heading, cells))
