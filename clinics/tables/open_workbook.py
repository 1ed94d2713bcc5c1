"""A workbook opened for its rows: nothing is gone through that nobody asks for, and a sheet is read a row at a time.

The parts around the sheets are left to openpyxl. Its own way through a sheet asks first how large that is, which reads
all of one that does not say so, and makes objects of every cell where a text will do.
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

ENTRY, RUN, TEXT, ROW, VALUE, INLINE = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("si", "r", "t", "row", "v", "is"))
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how Excel writes letters that XML does not allow
DIGITS = "0123456789"


@dataclass(frozen=True)
class Sheet:
    title: str
    path: str
    is_hidden: bool


@dataclass(frozen=True)
class Book:
    """A workbook: its `sheets`, the texts that cells refer to by number, and which styles mean days and durations."""

    archive: Any
    sheets: tuple
    texts: tuple
    days: frozenset
    durations: frozenset
    epoch: dt.datetime

    def sheet(self, title):
        return next((sheet for sheet in self.sheets if sheet.title == title), None)

    def rows(self, sheet):
        """Yield (row number, texts of its cells) of a sheet, from the rows that it has."""
        number = 0
        with self.archive.open(sheet.path) as source:
            for _event, node in iterparse(source):
                if node.tag == ROW:
                    number = int(float(node.get("r") or number + 1))
                    yield number, self._texts_of(node)
                    node.clear()

    def _texts_of(self, row):
        texts = []
        for cell in row:
            place = _place(cell.get("r", "").rstrip(DIGITS), len(texts))
            texts += [""] * (place + 1 - len(texts))
            texts[place] = self._text(cell)
        return texts

    def _text(self, cell):
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            inline = cell.find(INLINE)
            return "" if inline is None else _joined(inline)
        value = cell.findtext(VALUE)
        if not value:
            return ""
        if kind == "s":
            return self.texts[int(value)]
        if kind == "n":
            return self._number(value, int(cell.get("s", 0)))
        if kind == "b":
            return "true" if value == "1" else "false"
        return cell_text(from_ISO8601(value)) if kind == "d" else value

    def _number(self, value, style):
        if style in self.days:
            try:
                return cell_text(from_excel(float(value), self.epoch, timedelta=style in self.durations))
            except (OverflowError, ValueError):  # no day of the calendar: it stays the number that it is
                pass
        return value if value.isdigit() else cell_text(float(value))


def open_workbook(binary):
    """The Book in a file. Formulas give the value that Excel last saw; sheets that are charts are none of it."""
    reader = ExcelReader(binary, read_only=True, data_only=True, keep_links=False)
    reader.read_manifest()
    reader.read_workbook()
    apply_stylesheet(reader.archive, reader.wb)
    sheets = tuple(
        Sheet(sheet.name, part.target, sheet.state != "visible")
        for sheet, part in reader.parser.find_sheets()
        if part.target in reader.valid_files and "chartsheet" not in part.Type
    )
    days, durations = frozenset(reader.wb._date_formats), frozenset(reader.wb._timedelta_formats)
    return Book(reader.archive, sheets, tuple(_shared_texts(reader)), days, durations, reader.wb.epoch)


def _shared_texts(reader):
    if part := reader.package.find(SHARED_STRINGS):
        with reader.archive.open(part.PartName[1:]) as source:
            for _event, node in iterparse(source):
                if node.tag == ENTRY:
                    yield _joined(node)
                    node.clear()


def _joined(node):
    """The text of an entry, whole or in runs, without what only says how it is pronounced."""
    text = "".join(part.findtext(TEXT) or "" for part in (node, *node.iterfind(RUN)))
    return ESCAPED.sub(_letter, text) if "_x" in text else text


def _letter(found):
    """The letter that an escape stands for; other signs of control are left away, and what is no escape stays."""
    code = int(found[1], 16)
    if code in (0x09, 0x0A, 0x0D, 0x5F):
        return chr(code)
    return "" if code < 0x20 else found[0]


@cache
def _column(letters):
    return column_index_from_string(letters) - 1


def _place(letters, following):
    return _column(letters) if letters else following


def cell_text(value):
    """A value as a person would have typed it into a CSV file."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
    return str(value)
