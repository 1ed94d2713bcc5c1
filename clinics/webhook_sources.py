"""What a source of webhooks is: how it proves who speaks, what it tells, and what is made of it.

A source is a class that inherits WebhookSource and is listed in `config/hooks.py` under the word that stands in its
addresses. The engine in `clinics.webhooks` does the rest: limits, counting, keeping, retries, replay.
"""

import base64
import binascii
import hmac
import json
import math
from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from clinics.forms.webhooks import ConnectionForm
from clinics.models import WebhookLog
from clinics.uploads import HOOK_LIMIT_BYTES

DEEPEST = 40  # levels of JSON; no provider nests ten


class Refused(Exception):
    """A delivery that is not taken: answered with `status` and counted; nothing of its body is kept.

    `reason` is for the connection's page (translated), `detail` for the sender, in English as providers expect.
    """

    def __init__(self, reason, *, status=403, detail="", **facts):
        super().__init__(str(reason))
        self.reason, self.status, self.detail, self.facts = reason, status, detail or str(reason), facts


class Ignored(Exception):
    """Raised while processing: the event is understood, and there is nothing to do about it."""


class TryLater(Exception):
    """Raised while processing: it cannot be done now; the text says why.

    `after` (timedelta) is the least pause before the next try. With `is_free` the try is not counted, because waiting
    is all that helps; with `needs_person` clinic admins are told, because waiting alone does not.
    """

    def __init__(self, reason, *, after=None, is_free=False, needs_person=False):
        super().__init__(str(reason))
        self.after, self.is_free, self.needs_person = after, is_free, needs_person


class Hopeless(Exception):
    """Raised while processing: no further try will help; a person has to look. The text says why."""


@dataclass(frozen=True)
class Event:
    """One thing that a delivery tells: `id` is unique for the connection, `payload` what is kept of it, sealed.

    `hopeless` keeps the event on the list of what has been given up, with this text as the reason.
    """

    id: str
    type: str
    payload: object
    ignored: str = ""
    hopeless: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of an event, in words, and the row that it is about."""

    text: str
    about: object = None


@dataclass(frozen=True)
class SecretKind:
    """A key that a source works with.

    `generated`: made here and shown, to be pasted there; otherwise typed in once and never shown again. `outgoing`: we
    prove ourselves with it, so that only the newest counts.
    """

    name: str
    label: str
    help: str = ""
    generated: bool = False
    outgoing: bool = False
    required: bool = True


@dataclass(frozen=True)
class Check:
    """One line of a connection's test: what was tried, whether it went well, and what to do if not."""

    text: str
    passed: bool
    advice: str = ""


class Delivery:
    """One request of an outside service. `url` is the public address that it called, whatever Host it named."""

    def __init__(self, request):
        self.method, self.body, self.headers = request.method, request.body, request.headers
        self.query, self.content_type = request.GET, request.content_type or ""
        self.url = settings.BASE_URL.rstrip("/") + request.get_full_path()
        self.request = request

    @property
    def form(self):
        """The fields of a form, urlencoded or multipart; files are left aside. Raises Refused."""
        try:
            return self.request.POST
        except Exception as error:  # whatever a parser of foreign bytes stumbles over is the sender's to mend
            raise unreadable("The form cannot be read.") from error

    def json(self):
        """The body as JSON. Raises Refused for what is none, is not UTF-8, or is nested beyond reason."""
        try:
            value = json.loads(self.body.decode("utf-8"), parse_constant=_no_such_constant)
        except UnicodeDecodeError:
            raise unreadable("The body is not UTF-8.") from None
        except (ValueError, RecursionError):
            raise unreadable("The body is not valid JSON.") from None
        if _depth(value) > DEEPEST:
            raise unreadable(f"The body is nested deeper than {DEEPEST} levels.")
        return storable(value)

    def bearer(self):
        scheme, _space, token = self.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def basic_password(self):
        scheme, _space, encoded = self.headers.get("Authorization", "").partition(" ")
        try:
            pair = base64.b64decode(encoded, validate=True).decode() if scheme.lower() == "basic" else ""
        except (binascii.Error, UnicodeDecodeError):
            return ""
        return pair.partition(":")[2]


def unreadable(detail):
    """A refusal of what nobody can make sense of; `detail` says why, for the sender and for the connection's page."""
    return Refused(_("What came could not be read: %s") % detail, status=400, detail=detail)


def _no_such_constant(name):
    raise ValueError(name)


def _depth(value):
    """How deep a value is nested, without recursion: it is foreign."""
    deepest, todo = 0, [(value, 1)]
    while todo:
        each, level = todo.pop()
        deepest = max(deepest, level)
        if level > DEEPEST:
            break
        if isinstance(each, dict | list):
            todo += [(child, level + 1) for child in (each.values() if isinstance(each, dict) else each)]
    return deepest


def storable(value):
    """The same value as PostgreSQL can keep it: no NUL, no half of a surrogate pair, no infinite number."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list):
        return [storable(each) for each in value]
    if isinstance(value, dict):
        return {storable(key): storable(each) for key, each in value.items()}
    return value


def same(given, known):
    """Compare two secrets in constant time."""
    return hmac.compare_digest(str(given).encode(), str(known).encode())


def matches_any(given, secrets):
    """Tell whether what was given is one of the active secrets; all are compared, so that time tells nothing."""
    return bool(given) and sum(same(given, secret) for secret in secrets) > 0


@dataclass(frozen=True)
class Secrets:
    """The active secrets of a connection: name -> values, newest first."""

    by_name: dict = field(default_factory=dict)

    def all(self, name):
        return self.by_name.get(name, [])

    def newest(self, name):
        return next(iter(self.all(name)), "")


class WebhookSource:
    """What each source says about itself; the defaults suit one that only posts signed events."""

    log_source = WebhookLog.Source.WEBFORM
    label = ""
    description = ""
    icon = "zap"
    steps = ()  # what to do at the other service, in order
    secret_kinds = ()
    settings_form = ConnectionForm
    gathers = False  # whether gather() asks another service, before and outside of the transaction
    most_bytes = HOOK_LIMIT_BYTES  # of one delivery
    is_offered = True  # whether it can be connected by itself, on the page of services
    answers_get = False
    can_rehearse = False  # whether rehearsal() can make a delivery as the service would send it
    can_try = False  # whether a page lets one paste something and see what would be read out of it

    def log_source_of(self, connection):
        """Under whose name the events of a connection are listed."""
        return self.log_source

    def greet(self, connection, delivery, secrets):
        """Answer a GET: how some services make sure of an address. Only called where answers_get."""
        raise NotImplementedError

    def verify(self, connection, delivery, secrets):
        """Raise Refused unless the delivery proves to come from the service that the connection is for."""
        raise NotImplementedError

    def read(self, connection, delivery):
        """The events that a delivery tells. Raises Refused for what cannot be read."""
        raise NotImplementedError

    def answer(self, connection, delivery, events):
        """What the service wants to hear when its events are kept."""
        return HttpResponse(status=200, content_type="text/plain")

    def refuse(self, refused):
        """What the service hears when a delivery is not taken."""
        problem = {"type": "about:blank", "title": "Not accepted", "status": refused.status, "detail": refused.detail}
        return JsonResponse(problem | refused.facts, status=refused.status, content_type="application/problem+json")

    def gather(self, connection, secrets, event):
        """Ask the service for what the event only names. Runs outside of any transaction."""

    def take_in(self, clinic, event, gathered):
        """Make of an event (WebhookLog) what it is for; returns an Outcome. Runs in the transaction of its state."""
        raise NotImplementedError

    # Of a source whose events neither ask outside nor wait for one another: take_in_many(clinic, events) makes of all
    # of them what take_in makes of each, in a few statements, and returns their Outcomes in order.
    take_in_many = None

    def go_on(self):
        """Wake whoever goes on with what take_in made: once for a handful of events, when all of them are committed."""

    def test(self, connection, secrets):
        """Try out a connection as far as can be done from here; returns a list of Check."""
        return []

    def rehearsal(self, connection, secrets):
        """A test as the service would send it (clinics.webhook_rehearsal). Only called where can_rehearse."""
        raise NotImplementedError

    def rehearse(self, clinic, event, gathered):
        """(whether it went well, words): what became of a test. Whoever calls takes all of it back."""
        return True, self.take_in(clinic, event, gathered).text

    def sample(self, connection):
        """Something as the service would send it, to try out; a text. Only called where can_try."""
        return ""

    def try_out(self, connection, text):
        """What would be read out of a text: a list of {label, value}. Raises Refused. Only called where can_try."""
        raise NotImplementedError


def known_kinds():
    """The words of all sources, as they stand in their addresses."""
    return list(import_string(settings.HOOKS))


def known_sources():
    """Every source by its word."""
    return {kind: source_named(kind) for kind in known_kinds()}


def offered_sources():
    """Those that can be connected by themselves."""
    return {kind: source for kind, source in known_sources().items() if source.is_offered}


def source_named(kind):
    """The source of a kind. Raises KeyError for one that is not listed."""
    return import_string(import_string(settings.HOOKS)[kind])()
