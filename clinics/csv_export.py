"""Any list as a CSV file that every spreadsheet opens rightly, and that no spreadsheet can be made to run."""

import csv
import datetime as dt
import re

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from clinics.models.base import current_clinic_id
from clinics.tenancy import stream_in_clinic

BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for Windows-1252
STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*%?|\+\d[\d ]{6,18}")
ROWS_AT_ONCE = 500


def csv_response(filename, header, rows):
    """Answer with a CSV file of `rows` (sequences of values) under `header`, whole before it leaves."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.writelines(csv_lines(header, rows))
    return _as_download(response, filename)


def csv_stream(filename, header, rows):
    """Answer with a CSV file that is made while it is sent, for lists without a limit; the clinic stays open meanwhile.

    `rows` must ask the database only when it is iterated: a generator over `queryset.iterator()`.
    """
    lines = stream_in_clinic(_as_at_home(_in_blocks(csv_lines(header, rows))), current_clinic_id())
    return _as_download(StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8"), filename)


def csv_lines(header, rows):
    """Yield the lines of the file, the byte order mark first."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield BYTE_ORDER_MARK + writer.writerow([harmless(value) for value in header])
    for row in rows:
        yield writer.writerow([harmless(value) for value in row])


def harmless(value):
    """A value as the text of a cell. What a spreadsheet would take for a formula gets a leading apostrophe.

    Negative numbers and phone numbers of digits (+1 212 5550100) begin like formulas, compute nothing and stay as they
    are; with hyphens in it a phone number would be subtracted, so that one is kept as text too.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.datetime):
        moment = timezone.localtime(value) if timezone.is_aware(value) else value
        return moment.isoformat(sep=" ", timespec="minutes")[:16]
    if isinstance(value, list | tuple | set | frozenset):
        value = ", ".join(map(str, value))
    text = str(value).replace("\0", "")
    if text.lstrip(" \u00a0").startswith(STARTS_FORMULA) and not PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


class _Echo:
    def write(self, line):
        return line


def _as_at_home(parts):
    """The same parts, in the language and time zone of the request that asked, which is over when they are made."""
    language, zone = translation.get_language(), timezone.get_current_timezone()

    def made_later():
        with translation.override(language), timezone.override(zone):
            yield from parts

    return made_later()


def _in_blocks(lines):
    block = []
    for line in lines:
        block.append(line)
        if len(block) == ROWS_AT_ONCE:
            yield "".join(block)
            block = []
    yield "".join(block)


def _as_download(response, filename):
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=filename)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
