"""Rows of an Excel workbook, read as a stream from one of its sheets: the one chosen, else the first that holds any."""

import re
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _
from openpyxl.utils import column_index_from_string

from clinics.tables.errors import DamagedFile, FileTooLarge, NotATable
from clinics.tables.open_workbook import open_workbook

LOCKED = 0x1  # the flag of a part that is encrypted
UNPACKED_FACTOR = 8  # the XML of a sheet is some eight times its zipped size; far more is a bomb
MERGED = re.compile(rb'<(?:\w+:)?mergeCell ref="([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})"')
MOST_NAMED = 6
BREAKS = (
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    OSError,
    EOFError,
    SyntaxError,
    TypeError,
    IndexError,
    AttributeError,
    RuntimeError,  # so zipfile says that it cannot unpack a part
    zlib.error,
)


def check_workbook(binary, *, limit_bytes):
    """How many bytes of XML a workbook holds unpacked, by its own list of contents.

    Raises NotATable for a zip archive that is no workbook or has a password, FileTooLarge for one that would unpack
    without end.
    """
    try:
        with zipfile.ZipFile(binary) as archive:
            parts = archive.infolist()
    except BREAKS as error:
        raise DamagedFile(_("This Excel file is damaged. Save it again and choose it once more.")) from error
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise NotATable(_what_it_is(names))
    if any(part.flag_bits & LOCKED for part in parts):
        raise NotATable(_("This file has a password. Save it without one and choose it once more."))
    texts = sum(part.file_size for part in parts if "sharedStrings" in part.filename)
    unpacked = sum(part.file_size for part in parts)
    if texts > limit_bytes or unpacked > UNPACKED_FACTOR * limit_bytes:
        raise FileTooLarge(
            _("This Excel file unpacks to more than can be imported at once. Split it, or save it as CSV.")
        )
    return unpacked


def _what_it_is(names):
    """What somebody has to do with a ZIP that is no workbook, told by the files in it."""
    if {"content.xml", "mimetype"} <= names:
        return _("This is an OpenDocument table (.ods). Save it as .xlsx or as CSV and choose that file.")
    if any(name.startswith("Index/") and name.endswith(".iwa") for name in names):
        return _("This is a Numbers table. Export it as Excel (.xlsx) or CSV and choose that file.")
    return _("This is a ZIP archive. Unpack it and choose the CSV or Excel file that is inside.")


@dataclass(frozen=True)
class WorkbookHead:
    """The beginning of a workbook: the `sheets` that hold anything, the one that is read, its first filled rows."""

    sheets: tuple = ()
    sheet: str = ""
    rows: tuple = ()
    notices: tuple = ()


def workbook_head(binary, wanted, *, most):
    """The WorkbookHead with up to `most` rows of the sheet named `wanted`, else of the first that holds anything.

    Sheets that are hidden come last.
    """
    with _opened(binary) as book:
        in_order = sorted(book.sheets, key=lambda sheet: sheet.is_hidden)
        sheets = tuple(sheet.title for sheet in in_order if any(any(texts) for _line, texts in book.rows(sheet)))
        if not sheets:
            return WorkbookHead()
        name = wanted if wanted in sheets else sheets[0]
        merges = _merges_of(book, book.sheet(name))
        rows = _with_merges(book.rows(book.sheet(name)), merges)
        filled = ((line, texts) for line, texts in rows if any(map(str.strip, texts)))
        return WorkbookHead(sheets, name, tuple(islice(filled, most)), _notices(name, sheets, merges))


def workbook_rows(binary, sheet=""):
    """Yield (row number, texts of the cells) of the sheet of that name. Formulas give the value that Excel last saw.

    A cell that is merged over several rows counts for each of them that holds anything else.
    """
    with _opened(binary) as book:
        if chosen := book.sheet(sheet):
            yield from _with_merges(book.rows(chosen), _merges_of(book, chosen))


def _notices(read, sheets, merges):
    """What whoever chose a workbook must know: sheets that are not read, cells that count for several rows."""
    notices = []
    if others := [f"“{name}”" for name in sheets if name != read]:
        words = _("Only the sheet “%(read)s” is read. Not read: %(names)s.")
        notices.append(words % {"read": read, "names": ", ".join(others)})
    if merges:
        merges = sorted(merges, key=lambda merge: (merge.first, merge.column))
        places = ", ".join(merge.name for merge in merges[:MOST_NAMED]) + ("…" if len(merges) > MOST_NAMED else "")
        words = _("Cells that are merged over several rows count for each of these rows: %(places)s.")
        notices.append(words % {"places": places})
    return tuple(notices)


@contextmanager
def _opened(binary):
    binary.seek(0)
    try:
        book = open_workbook(binary)
        yield book
        book.archive.close()
    except BREAKS as error:
        raise DamagedFile(_("This Excel file is damaged. Save it again and choose it once more.")) from error


def _with_merges(rows, merges):
    """The rows of a sheet, with what is merged over several of them in each that holds anything else."""
    held, waiting = [], sorted(merges, key=lambda merge: merge.first)
    for number, texts in rows:
        while waiting and waiting[0].first <= number:
            merge = waiting.pop(0)
            is_there = merge.first == number and merge.column < len(texts)
            held.append((merge, texts[merge.column] if is_there else ""))
        held = [(merge, text) for merge, text in held if merge.last >= number]
        if held and any(texts):
            for merge, text in held:
                texts += [""] * (merge.column + 1 - len(texts))
                texts[merge.column] = texts[merge.column] or text
        yield number, texts


@dataclass(frozen=True)
class Merge:
    """A cell over the rows `first` to `last` (from 1), in the column `column` (from 0)."""

    name: str
    column: int
    first: int
    last: int


def _merges_of(book, sheet):
    """The cells of a sheet that are merged over several rows; they stand behind its rows, so all of it is looked at."""
    found, rest = [], b""
    with book.archive.open(sheet.path) as content:
        while block := content.read(1 << 20):
            text = rest + block
            found += MERGED.findall(text)
            rest = text[-64:] if not text.endswith(b">") else b""
    merges = {}
    for letters, first, last in found:
        if first != last:
            letters, first, last = letters.decode(), int(first), int(last)
            merges[letters, first] = Merge(
                f"{letters}{first}:{letters}{last}", column_index_from_string(letters) - 1, first, last
            )
    return list(merges.values())
