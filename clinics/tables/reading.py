"""Reads a table from any system, whatever its encoding, separator or packing, a row at a time.

`read_table` looks the file over once and answers with its headings; `Table.rows` then reads it from the start as often
as wanted, and never holds more than a few lines. Line numbers are those of the original file.
"""

import csv
import gzip
import io
import zlib
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from clinics.tables.encodings import CHUNK, detect_encoding, insist_on_encoding
from clinics.tables.errors import DamagedFile, FileIsEmpty, NotATable
from clinics.tables.headings import find_heading, heading_at
from clinics.tables.kinds import EXCEL, check_size, kind_of, refuse_kind, refuse_markup, too_large
from clinics.tables.quotation import rows_run_together
from clinics.tables.workbook import check_workbook, workbook_notices, workbook_rows, workbook_sheets

LIMIT_BYTES = 50 * 1024 * 1024
LONGEST_LINE = 1 << 20
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
        check_size(binary, limit_bytes)
        kind = kind_of(binary)
        refuse_kind(kind)
        refuse_markup(binary)
        if kind == EXCEL:
            check_workbook(binary, limit_bytes=limit_bytes)
            encoding, separator, sheets = EXCEL, "", workbook_sheets(binary)
            sheet = reading.sheet if reading.sheet in sheets else next(iter(sheets), "")
        else:
            encoding = _insist_on(reading.encoding, binary, limit_bytes) or detect_encoding(
                lambda: _chunks(binary, limit_bytes)
            )
            separator = reading.separator or _find_separator(binary, encoding, limit_bytes)
            sheet, sheets = "", ()
        first = list(islice(_filled_records(binary, encoding, separator, limit_bytes, sheet), SAMPLE_ROWS))
        notices = workbook_notices(binary, sheet, sheets) if sheet else ()
    if not first:
        raise FileIsEmpty(_("This file is empty."))
    if kind == EXCEL:
        widest = max(len(cells) for _line, cells in first)
        first = [(line, [*cells, *[""] * (widest - len(cells))]) for line, cells in first]
    heading = find_heading(first) if reading.header_line is None else heading_at(first, reading.header_line)
    table = Table(
        headers=heading.headers,
        encoding=encoding,
        separator=separator,
        notices=(*heading.notices, *notices),
        has_header=heading.is_named,
        header_line=heading.line,
        source=source,
        limit_bytes=limit_bytes,
        named=heading.named,
        sheet=sheet,
        sheets=sheets,
    )
    if first[-1][0] <= heading.line and next(iter(table.rows), None) is None:
        raise FileIsEmpty(_("This file has headings and no rows under them."))
    return table


def _insist_on(encoding, binary, limit_bytes):
    """The encoding that somebody wants, once it is known to read all of the file."""
    if encoding in ("", EXCEL):
        return ""
    return insist_on_encoding(encoding, lambda: _chunks(binary, limit_bytes))


@contextmanager
def _opened(source):
    if isinstance(source, (str, Path)):
        with Path(source).open("rb") as binary:
            yield binary
    else:
        source.seek(0)
        yield source


def _chunks(binary, limit_bytes):
    """The unpacked bytes from the start, in pieces. Raises FileTooLarge as soon as there are more than the limit."""
    binary.seek(0)
    packed = kind_of(binary) == "gzip"
    stream = gzip.GzipFile(fileobj=binary) if packed else binary
    seen = 0
    try:
        while chunk := stream.read(CHUNK):
            seen += len(chunk)
            if seen > limit_bytes:
                raise too_large(limit_bytes)
            yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DamagedFile(_("This packed file breaks off or is damaged. Export it again.")) from error


class _ChunkStream(io.RawIOBase):
    """Chunks as a file, for the decoder to read from."""

    def __init__(self, chunks):
        self.chunks, self.rest = chunks, b""

    def readable(self):
        return True

    def readinto(self, buffer):
        self.rest = self.rest or next(self.chunks, b"")
        taken, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


class _Lines:
    """Lines of text with their ends, counted; knows whether the reader has asked for more than there are."""

    def __init__(self, binary, encoding, limit_bytes):
        stream = io.BufferedReader(_ChunkStream(_chunks(binary, limit_bytes)), CHUNK)
        self.text = io.TextIOWrapper(stream, encoding=encoding, newline="")
        self.number, self.is_over = 0, False

    def __iter__(self):
        return self

    def __next__(self):
        line = self.text.readline(LONGEST_LINE)
        if not line:
            self.is_over = True
            raise StopIteration
        if len(line) == LONGEST_LINE:
            raise NotATable(_("Line %(line)d is endless: this is not a table.") % {"line": self.number + 1})
        self.number += 1
        return line


def _records(binary, encoding, separator, limit_bytes, sheet):
    """Yield (line the record begins on, cells) from the start of the file."""
    if encoding == EXCEL:
        binary.seek(0)
        yield from workbook_rows(binary, sheet)
        return
    lines = _Lines(binary, encoding, limit_bytes)
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
    lines = _Lines(binary, encoding, limit_bytes)
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
