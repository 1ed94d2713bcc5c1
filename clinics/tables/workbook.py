"""Rows of an Excel workbook, read as a stream from its first sheet that holds any."""

import datetime as dt
import zipfile

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from clinics.tables.errors import DamagedFile, FileTooLarge, NotATable

UNPACKED_FACTOR = 8  # the XML of a sheet is some eight times its zipped size; far more is a bomb
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


def workbook_rows(binary):
    """Yield (row number, texts of the cells). Formulas give the value that Excel last saw."""
    try:
        book = load_workbook(binary, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            found = False
            for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                texts = [cell_text(cell) for cell in cells]
                found = found or any(texts)
                yield number, texts
            if found:
                break
        book.close()
    except BREAKS as error:
        raise DamagedFile(_("This Excel file is damaged. Save it again and choose it once more.")) from error


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
