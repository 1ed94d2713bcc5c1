"""Reads a table from any system, whatever its encoding, separator or packing, a row at a time.

`read_table` looks the file over once and answers with its headings; `Table.rows` then reads it from the start as often
as wanted, and never holds more than a few lines. Line numbers are those of the original file.
"""

import csv
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from clinics.tables.encodings import MIXED, detect_encoding, insist_on_encoding
from clinics.tables.errors import DamagedFile, FileIsEmpty
from clinics.tables.glancing import glance_at
from clinics.tables.headings import find_heading, heading_at
from clinics.tables.kinds import EXCEL
from clinics.tables.quotation import rows_run_together
from clinics.tables.text_lines import Lines, chunks_of
from clinics.tables.workbook import WorkbookHead, workbook_head, workbook_rows

LIMIT_BYTES = 50 * 1024 * 1024
SAMPLE_ROWS = 60
SEPARATORS = ",;\t|"


@dataclass(frozen=True)
class Row:
    line: int
    cells: tuple
    problem: str = ""
    is_corrected: bool = False  # by hand, after a trial
    is_left_out: bool = False


@dataclass(frozen=True)
class Table:
    """The headings of a file and the way to its rows; `notices` tell what was understood in a way worth knowing."""

    headers: tuple
    encoding: str
    separator: str
    notices: tuple
    has_header: bool
    header_line: int
    source: Any
    limit_bytes: int
    named: int
    sheet: str = ""  # of a workbook: the one that is read, of those that hold anything
    sheets: tuple = ()

    @property
    def rows(self):
        """A fresh pass over the rows under the headings, empty ones left out. Raises UnreadableFile where it breaks."""
        with _opened(self.source) as binary:
            for line, cells in _filled_records(binary, self.encoding, self.separator, self.limit_bytes, self.sheet):
                if line > self.header_line:
                    yield self._row(line, cells)

    def _row(self, line, cells):
        width = len(self.headers)
        while len(cells) > width and not cells[-1].strip():
            cells = cells[:-1]
        if self.encoding == EXCEL:  # what is empty at the end of a row is not there in a workbook
            cells = [*cells, *[""] * (width - len(cells))]
        elif count := rows_run_together(cells, self.separator, width):
            words = _("A quotation mark that is not closed has drawn rows %(first)d to %(last)d into one.")
            return Row(line, tuple(cells), words % {"first": line, "last": line + count - 1})
        if len(cells) > width or len(cells) < self.named:
            return Row(
                line,
                tuple(cells),
                _("Row %(line)d has %(cells)d cells, the headings are %(headings)d.")
                % {"line": line, "cells": len(cells), "headings": width},
            )
        return Row(line, (*cells, *[""] * (width - len(cells))))


@dataclass(frozen=True)
class Reading:
    """How somebody wants a file read: what is empty is found out. `header_line` 0 means that there are no headings."""

    encoding: str = ""
    separator: str = ""
    header_line: int | None = None
    sheet: str = ""

    @classmethod
    def of(cls, upload):
        """How a kept upload is read: one that has `encoding`, `separator`, `header_line` and perhaps a `sheet`."""
        return cls(upload.encoding, upload.separator, upload.header_line, getattr(upload, "sheet", ""))


def corrected(row, corrections, *, width):
    """A row as somebody has corrected it: {line as text: its cells, or None where it is to be left out}."""
    if (line := str(row.line)) not in corrections:
        return row
    cells = corrections[line]
    if cells is None:
        return replace(row, is_left_out=True)
    return Row(row.line, tuple([*cells, *[""] * (width - len(cells))][:width]), is_corrected=True)


def read_table(source, *, limit_bytes=LIMIT_BYTES, reading=Reading()):
    """Understand a file (a path, or a binary file that can seek) of at most `limit_bytes`, packed and unpacked.

    Raises UnreadableFile, in words for the person who chose the file.
    """
    with _opened(source) as binary:
        if glance_at(binary, limit_bytes=limit_bytes).kind == EXCEL:
            encoding, separator = EXCEL, ""
            head = workbook_head(binary, reading.sheet, most=SAMPLE_ROWS)
            first = head.rows
        else:
            encoding = _insist_on(reading.encoding, binary, limit_bytes) or detect_encoding(
                lambda: chunks_of(binary, limit_bytes)
            )
            separator = reading.separator or _find_separator(binary, encoding, limit_bytes)
            head = WorkbookHead()
            first = list(islice(_filled_records(binary, encoding, separator, limit_bytes), SAMPLE_ROWS))
    if not first:
        raise FileIsEmpty(_("This file is empty."))
    if encoding == EXCEL:
        widest = max(len(cells) for _line, cells in first)
        first = [(line, [*cells, *[""] * (widest - len(cells))]) for line, cells in first]
    heading = find_heading(first) if reading.header_line is None else heading_at(first, reading.header_line)
    table = Table(
        headers=heading.headers,
        encoding=encoding,
        separator=separator,
        notices=(*heading.notices, *head.notices, *_letters_notice(encoding)),
        has_header=heading.is_named,
        header_line=heading.line,
        source=source,
        limit_bytes=limit_bytes,
        named=heading.named,
        sheet=head.sheet,
        sheets=head.sheets,
    )
    if first[-1][0] <= heading.line and next(iter(table.rows), None) is None:
        raise FileIsEmpty(_("This file has headings and no rows under them."))
    return table


def _letters_notice(encoding):
    words = _("Not all of this file is written in the same letters: what is not UTF-8 is read as Windows writes it.")
    return (words,) if encoding == MIXED else ()


def _insist_on(encoding, binary, limit_bytes):
    """The encoding that somebody wants, once it is known to read all of the file."""
    if encoding in ("", EXCEL):
        return ""
    return insist_on_encoding(encoding, lambda: chunks_of(binary, limit_bytes))


@contextmanager
def _opened(source):
    if isinstance(source, (str, Path)):
        with Path(source).open("rb") as binary:
            yield binary
    else:
        source.seek(0)
        yield source


def _records(binary, encoding, separator, limit_bytes, sheet):
    """Yield (line the record begins on, cells) from the start of the file."""
    if encoding == EXCEL:
        binary.seek(0)
        yield from workbook_rows(binary, sheet)
        return
    lines = Lines(binary, encoding, limit_bytes)
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    while True:
        begins = lines.number + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _unclosed(begins) from error
        if cells is None:
            return
        if lines.is_over:
            raise _unclosed(begins)
        if not (begins == 1 and _separator_line(cells, separator)):
            yield begins, cells


def _unclosed(line):
    return DamagedFile(
        _("A quotation mark that opens on line %(line)d is never closed. Correct that line and try again.")
        % {"line": line}
    )


def _separator_line(cells, separator):
    return separator.join(cells).strip().lower() in {f"sep={separator}".strip(), "sep="}


def _find_separator(binary, encoding, limit_bytes):
    """The separator under which the rows agree best with the headings; `sep=;` on the first line decides it."""
    lines = Lines(binary, encoding, limit_bytes)
    first = next(lines, "").strip("\r\n")
    if first.lower().startswith("sep=") and len(first) == 5 and first[4] in SEPARATORS:
        return first[4]
    return max(SEPARATORS, key=lambda separator: _agreement(binary, encoding, separator, limit_bytes))


def _agreement(binary, encoding, separator, limit_bytes):
    widths = []
    with suppress(DamagedFile):
        for _line, cells in islice(_filled_records(binary, encoding, separator, limit_bytes), SAMPLE_ROWS):
            widths.append(len(cells))
    width, rows = Counter(widths).most_common(1)[0] if widths else (0, 0)
    return (rows / len(widths) if width > 1 else 0, width)


def _filled_records(binary, encoding, separator, limit_bytes, sheet=""):
    for line, cells in _records(binary, encoding, separator, limit_bytes, sheet):
        if any(cell.strip() for cell in cells):
            yield line, cells
