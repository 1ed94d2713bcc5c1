"""What a program may send to the API: JSON of bounded size and depth, in text that the database can keep."""

import json

from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from ninja.parser import Parser

from clinics.api_problems import Problem

LARGEST = 256 * 1024  # bytes
DEEPEST = 12  # levels of lists and objects
UNSAFE_IN_ADDRESS = ("%00", "\x00")


def read_body(request):
    """The JSON that was sent, or None; kept on the request for the operation. Raises Problem: 400, 413, 415, 422."""
    if any(mark in request.META.get("QUERY_STRING", "") for mark in UNSAFE_IN_ADDRESS):
        raise Problem(422, detail=_("No null characters."))
    raw = _raw_body(request)
    if not raw:
        return None
    if request.content_type != "application/json":
        raise Problem(415)
    try:
        sent = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Problem(400, "not-json-text", _("The body is no JSON text.")) from error
    _check(sent)
    return sent


def _raw_body(request):
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > LARGEST:
        raise Problem(413)
    try:
        raw = request.body
    except RequestDataTooBig as error:
        raise Problem(413) from error
    if len(raw) > LARGEST:
        raise Problem(413)
    return raw


def _check(sent):
    """Raise Problem for what is nested too deep, or holds characters that no text of the database may hold."""
    waiting = [(sent, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise Problem(422, "too-deep", _("At most %(count)s levels of lists and objects.") % {"count": DEEPEST})
        if isinstance(value, dict):
            waiting += [(each, depth + 1) for pair in value.items() for each in pair]
        elif isinstance(value, list):
            waiting += [(each, depth + 1) for each in value]
        elif isinstance(value, str) and not _is_storable(value):
            raise Problem(422, detail=_("No null characters, and no halves of surrogate pairs."))


def _is_storable(text):
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


class CheckedParser(Parser):
    """Hands the operation the body that was checked at the gate."""

    def parse_body(self, request):
        return request.api_body
