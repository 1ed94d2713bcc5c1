"""Rows of an Excel workbook, read as a stream from one of its sheets: the one chosen, else the first that holds any."""

import datetime as dt
import re
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string

from clinics.tables.errors import DamagedFile, FileTooLarge, NotATable

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
)


def check_workbook(binary, *, limit_bytes):
    """Raise NotATable for a zip archive that is no workbook, FileTooLarge for one that would unpack without end."""
    try:
        with zipfile.ZipFile(binary) as archive:
            parts = archive.infolist()
    except BREAKS as error:
        raise DamagedFile(_("This Excel file is damaged. Save it again and choose it once more.")) from error
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise NotATable(_("This is a ZIP archive. Unpack it and choose the CSV or Excel file that is inside."))
    texts = sum(part.file_size for part in parts if "sharedStrings" in part.filename)
    if texts > limit_bytes or sum(part.file_size for part in parts) > UNPACKED_FACTOR * limit_bytes:
        raise FileTooLarge(
            _("This Excel file unpacks to more than can be imported at once. Split it, or save it as CSV.")
        )


def workbook_sheets(binary):
    """The names of the sheets that hold anything, those that are hidden last."""
    with _opened(binary) as book:
        return tuple(
            sheet.title for sheet in _in_order(book) if any(any(texts) for _line, texts in _rows_of(sheet, ()))
        )


def workbook_rows(binary, sheet=""):
    """Yield (row number, texts of the cells) of the sheet of that name. Formulas give the value that Excel last saw.

    A cell that is merged over several rows counts for each of them that holds anything else.
    """
    with _opened(binary) as book:
        if sheet in book.sheetnames:
            yield from _rows_of(book[sheet], merges_of(binary, book[sheet]))


def workbook_notices(binary, read, sheets):
    """What whoever chose a workbook must know: sheets that are not read, cells that count for several rows."""
    notices = []
    if others := [f"“{name}”" for name in sheets if name != read]:
        words = _("Only the sheet “%(read)s” is read. Not read: %(names)s.")
        notices.append(words % {"read": read, "names": ", ".join(others)})
    with _opened(binary) as book:
        merges = sorted(merges_of(binary, book[read]), key=lambda merge: (merge.first, merge.column))
    if merges:
        places = ", ".join(merge.name for merge in merges[:MOST_NAMED]) + ("…" if len(merges) > MOST_NAMED else "")
        words = _("Cells that are merged over several rows count for each of these rows: %(places)s.")
        notices.append(words % {"places": places})
    return tuple(notices)


def _in_order(book):
    return sorted(book.worksheets, key=lambda sheet: sheet.sheet_state != "visible")


@contextmanager
def _opened(binary):
    binary.seek(0)
    try:
        book = load_workbook(binary, read_only=True, data_only=True, keep_links=False)
        yield book
        book.close()
    except BREAKS as error:
        raise DamagedFile(_("This Excel file is damaged. Save it again and choose it once more.")) from error


def _rows_of(sheet, merges):
    """(row number, texts) of a sheet, with what is merged over several rows in each of them."""
    sheet.reset_dimensions()
    held, waiting = [], sorted(merges, key=lambda merge: merge.first)
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        texts = [cell_text(cell) for cell in cells]
        while waiting and waiting[0].first <= number:
            merge = waiting.pop(0)
            held.append((merge, texts[merge.column] if merge.column < len(texts) else ""))
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


def merges_of(binary, sheet):
    """The cells of a sheet that are merged over several rows; they stand behind its rows, so all of it is looked at."""
    found, rest = [], b""
    with zipfile.ZipFile(binary) as archive, archive.open(sheet._worksheet_path) as content:
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


def cell_text(value):
    """A cell as a person would have typed it into a CSV file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
    return str(value)
