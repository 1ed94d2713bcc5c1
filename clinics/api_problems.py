"""What the API says when it refuses: one JSON document for every refusal (RFC 9457), with a `type` that never changes.

A program decides by `type` or by the status, a person reads `title` and `detail`, a form shows `errors` at its fields.
"""

import json
import re
from http import HTTPStatus

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja.responses import NinjaJSONEncoder

from clinics.requests import request_facts

MEDIA_TYPE = "application/problem+json"
TYPES = "urn:recare:problem:"
# Headers of an answer that is turned into a problem which still say something true about it.
KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate", "ETag")
# Refusals that belong to no rule of ours: status -> (type, words).
PLAIN = {
    400: ("bad-request", gettext_lazy("The request cannot be understood.")),
    401: ("unauthorized", gettext_lazy("Send an API token, or sign in.")),
    403: ("forbidden", gettext_lazy("You may not do this.")),
    404: ("not-found", gettext_lazy("There is nothing here.")),
    405: ("method-not-allowed", gettext_lazy("This address does not know this method.")),
    409: ("conflict", gettext_lazy("This does not fit what is there now.")),
    412: ("version-conflict", gettext_lazy("Somebody has changed this meanwhile.")),
    413: ("too-large", gettext_lazy("This is too large.")),
    415: ("not-json", gettext_lazy("Send the body as application/json.")),
    422: ("invalid", gettext_lazy("Some of what was sent cannot be taken.")),
    428: ("version-missing", gettext_lazy("Say in If-Match which version you saw.")),
    429: ("too-many-requests", gettext_lazy("Too many requests. Wait a little.")),
    500: ("internal-error", gettext_lazy("Something broke here, and nothing was changed.")),
    503: ("unavailable", gettext_lazy("The service is away for a moment. Try again.")),
}

# What pydantic finds wrong with a value, in our words: by its name for it, or by how that name begins.
WORDS = {
    "missing": gettext_lazy("This is needed."),
    "extra_forbidden": gettext_lazy("There is no such field."),
    "string_too_long": gettext_lazy("At most %(max_length)s characters."),
    "string_too_short": gettext_lazy("At least %(min_length)s characters."),
    "too_long": gettext_lazy("At most %(max_length)s entries."),
    "string_pattern_mismatch": gettext_lazy("This is none of the values that are known here."),
    "greater_than": gettext_lazy("More than %(gt)s."),
    "greater_than_equal": gettext_lazy("At least %(ge)s."),
    "less_than_equal": gettext_lazy("At most %(le)s."),
    "timezone_aware": gettext_lazy("A moment names its time zone, as 2026-11-25T09:30:00-05:00 does."),
}
KINDS = [
    ("string", gettext_lazy("A text is expected here.")),
    ("uuid", gettext_lazy("An id (UUID) is expected here.")),
    ("int", gettext_lazy("A whole number is expected here.")),
    ("bool", gettext_lazy("True or false is expected here.")),
    ("datetime", gettext_lazy("A moment such as 2026-11-25T09:30:00-05:00 is expected here.")),
    ("date", gettext_lazy("A day such as 2026-11-25 is expected here.")),
    ("list", gettext_lazy("A list is expected here.")),
    ("model", gettext_lazy("An object is expected here.")),
]


class Problem(Exception):
    """A refusal on its way out: a status, its `type`, words, the fields that it is about, and headers to send along."""

    def __init__(self, status, type="", detail="", *, errors=(), headers=None, **members):
        self.status = status
        plain_type, words = PLAIN.get(status, PLAIN[400 if status < 500 else 500])
        self.type, self.detail = type or plain_type, str(detail or words)
        self.errors, self.headers, self.members = list(errors), headers or {}, members
        super().__init__(self.detail)


def problem_response(problem):
    """Answer with a problem document."""
    said = {
        "type": TYPES + problem.type,
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "request_id": request_facts().request_id,
    }
    if problem.errors:
        said["errors"] = problem.errors
    body = json.dumps(said | problem.members, cls=NinjaJSONEncoder, ensure_ascii=False)
    return HttpResponse(body, status=problem.status, content_type=MEDIA_TYPE, headers=problem.headers)


def as_problem(response):
    """A refusal as a problem document, whoever made it: a page of errors, a redirect to the login, a bare status."""
    if response.status_code < 300 or response.get("Content-Type", "").startswith(MEDIA_TYPE):
        return response
    status = response.status_code if response.status_code >= 400 else 401
    headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
    answer = problem_response(Problem(status, headers=headers))
    for name, value in response.items():
        if name not in ("Content-Type", "Content-Length", "Location"):
            answer.headers.setdefault(name, value)
    return answer


def of_rule(broken, *, fields):
    """A broken rule of the house as a Problem: 422 if it is about something that was sent, else 409.

    `fields` names, by rule, the field of the request that is to blame.
    """
    rule = re.sub(r"(?<!^)(?=[A-Z])", "-", type(broken).__name__).lower()
    field = getattr(broken, "field", None) or fields.get(type(broken))
    if field is None:
        return Problem(409, rule, broken)
    return Problem(422, rule, broken, errors=[{"field": field, "message": str(broken)}])


def of_validation(errors):
    """What pydantic found, field by field: `loc` as a path such as "stage.slug", in the words of the API's language."""
    found = []
    for error in errors:
        place = [str(part) for part in error["loc"][1:]]
        if len(place) > 1 and error["loc"][0] in ("body", "query"):
            place = place[1:]  # the name of the parameter of the view, which nobody sent
        found.append({"field": ".".join(place), "message": _words_for(error)})
    return Problem(422, errors=found)


def _words_for(error):
    kind, facts = error["type"], error.get("ctx") or {}
    if kind in ("enum", "literal_error"):
        return _("One of: %(values)s.") % {"values": facts.get("expected", "").replace(" or ", ", ")}
    if kind == "value_error":
        return error["msg"].removeprefix("Value error, ")
    words = WORDS.get(kind) or next((said for start, said in KINDS if kind.startswith(start)), error["msg"])
    return str(words) % facts
