"""Headings in two lines, groups above names (“Person” over “First” and “Last”), as people build them in Excel."""

from dataclasses import replace
from itertools import islice

from clinics.tables.reading import read_table
from crm.importing.mapping import is_known_heading

LOOKED_AT = 5


def read_upload(upload, reading):
    """The Table of a file read as a Reading says, and the line of its headings if that is, or had to be, said.

    It has to be where the headings found first tell nothing, and others stand below them. Raises UnreadableFile, in
    words for the person who chose the file.
    """
    table = read_table(upload, reading=reading)
    line = _line_of_names(table) if reading.header_line is None else reading.header_line
    if line == reading.header_line:
        return table, line
    return read_table(upload, reading=replace(reading, header_line=line)), line


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
