"""Values of the cells of a workbook as texts."""

import datetime as dt
import re

ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how Excel writes letters that XML does not allow


def cell_text(value):
    """A value as a person would have typed it into a CSV file."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
    return str(value)


def plain_letters(text):
    """A text without the escapes of the program that wrote it; signs of control but for line breaks go."""
    return ESCAPED.sub(_letter, text) if "_x" in text else text


def _letter(found):
    code = int(found[1], 16)
    if code in (0x09, 0x0A, 0x0D, 0x5F):
        return chr(code)
    return "" if code < 0x20 else found[0]
