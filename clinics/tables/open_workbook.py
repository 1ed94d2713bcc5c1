"""A workbook opened for its rows: nothing is gone through that nobody asks for, and a sheet is read a row at a time.

Of the parts around the sheets only what the rows need is read: a workbook with a style or a name that is odd, as other
programs write them, is no damaged one.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from posixpath import join, normpath
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel, from_ISO8601

from clinics.tables.cell_texts import cell_text, plain_letters

HEAD = 4096
FOLDER, WORKBOOK = "xl", "xl/workbook.xml"
USUAL = (("sharedStrings", "xl/sharedStrings.xml"), ("styles", "xl/styles.xml"))  # some programs do not name them
DIGITS = "0123456789"


@dataclass(frozen=True)
class Sheet:
    title: str
    path: str
    is_hidden: bool


@dataclass(frozen=True)
class Book:
    """A workbook: its `sheets`, the texts that cells refer to by number, and which styles mean days and durations.

    `space` is the namespace of its elements: Excel writes one of two, as it was saved.
    """

    archive: Any
    space: str
    sheets: tuple
    texts: tuple
    days: frozenset
    durations: frozenset
    epoch: dt.datetime

    def sheet(self, title):
        return next((sheet for sheet in self.sheets if sheet.title == title), None)

    def rows(self, sheet):
        """Yield (row number, texts of its cells) of a sheet, from the rows that it has."""
        number, row = 0, f"{self.space}row"
        with _opened(self.archive, sheet.path) as source:
            for _event, node in ElementTree.iterparse(source):  # noqa: S314 - without entities
                if node.tag == row:
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
            inline = cell.find(f"{self.space}is")
            return "" if inline is None else _joined(inline, self.space)
        value = cell.findtext(f"{self.space}v")
        if not value:
            return ""
        if kind == "s":
            return self.texts[int(value)]
        if kind == "n":
            return self._number(value, int(cell.get("s", 0)))
        if kind == "b":
            return "true" if value == "1" else "false"
        return cell_text(from_ISO8601(value)) if kind == "d" else plain_letters(value)

    def _number(self, value, style):
        if style in self.days:
            try:
                return cell_text(from_excel(float(value), self.epoch, timedelta=style in self.durations))
            except (OverflowError, ValueError):  # no day of the calendar: it stays the number that it is
                pass
        return value if value.isdigit() else cell_text(float(value))


def open_workbook(binary):
    """The Book in a file. Formulas give the value that Excel last saw; sheets that are charts are none of it."""
    archive = ZipFile(binary)
    root = _root_of(archive, WORKBOOK)
    space = root.tag.removesuffix("workbook")
    parts = _parts_of(archive)
    formats = _formats_of(archive, parts, space)
    epochs = {setting.get("date1904") for setting in root.iter(f"{space}workbookPr")}
    return Book(
        archive=archive,
        space=space,
        sheets=tuple(_sheets_of(root, parts, space)),
        texts=tuple(_shared_texts(archive, parts, space)),
        days=frozenset(number for number, code in enumerate(formats) if is_date_format(code)),
        durations=frozenset(number for number, code in enumerate(formats) if is_timedelta_format(code)),
        epoch=MAC_EPOCH if epochs & {"1", "true"} else WINDOWS_EPOCH,
    )


def _opened(archive, path):
    """A part of a workbook. Raises ValueError for one that declares entities, as no program does that means well."""
    source = archive.open(path)
    if b"<!DOCTYPE" in source.peek(HEAD)[:HEAD]:
        raise ValueError(path)
    return source


def _root_of(archive, path):
    with _opened(archive, path) as source:
        return ElementTree.parse(source).getroot()  # noqa: S314 - without entities; expat bounds what they could do


def _parts_of(archive):
    """{id: (last word of its kind, path)} of the parts that a workbook names and has."""
    parts, here = {}, set(archive.namelist())
    for part in _root_of(archive, f"{FOLDER}/_rels/workbook.xml.rels"):
        target = part.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else normpath(join(FOLDER, target))
        if path in here:
            parts[part.get("Id")] = (part.get("Type", "").rpartition("/")[2], path)
    for kind, path in USUAL:
        if path in here:
            parts.setdefault(path, (kind, path))
    return parts


def _path_of(parts, kind):
    return next((path for each, path in parts.values() if each == kind), None)


def _sheets_of(root, parts, space):
    for sheet in root.iter(f"{space}sheet"):
        key = next((value for name, value in sheet.items() if name.endswith("}id")), None)
        kind, path = parts.get(key, ("", ""))
        if kind == "worksheet":
            yield Sheet(sheet.get("name", ""), path, sheet.get("state", "visible") != "visible")


def _formats_of(archive, parts, space):
    """For each style of cells, by its number, how it writes numbers."""
    path = _path_of(parts, "styles")
    if path is None:
        return []
    root = _root_of(archive, path)
    own = {each.get("numFmtId"): each.get("formatCode", "") for each in root.iter(f"{space}numFmt")}
    styles = (style.get("numFmtId", "0") for used in root.iter(f"{space}cellXfs") for style in used)
    return [own.get(number) or BUILTIN_FORMATS.get(int(number), "General") for number in styles]


def _shared_texts(archive, parts, space):
    if path := _path_of(parts, "sharedStrings"):
        entry = f"{space}si"
        with _opened(archive, path) as source:
            for _event, node in ElementTree.iterparse(source):  # noqa: S314 - without entities
                if node.tag == entry:
                    yield _joined(node, space)
                    node.clear()


def _joined(node, space):
    """The text of an entry, whole or in runs, without what only says how it is pronounced."""
    runs = (node, *node.iterfind(f"{space}r"))
    return plain_letters("".join(part.findtext(f"{space}t") or "" for part in runs))


@cache
def _column(letters):
    return column_index_from_string(letters) - 1


def _place(letters, following):
    return _column(letters) if letters else following
