"""One request, taken back again: what it answered, what it wrote, and the count of all of them."""

import json
import re
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import quote

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.shortcuts import resolve_url

from tests.isolation.world import CHECKED, writes_so_far

CHANGING = {
    "X-Request-Id",
    "Set-Cookie",
    "Expires",
    "Content-Length",
    "RateLimit-Remaining",
    "RateLimit-Reset",
}  # the length of the text says it
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REFUSALS = {401, 403, 404, 405, 429}
# What differs between two equal answers: tokens against forgery, nonces, ids of requests, times, and the address.
NOISE = re.compile(
    r"""csrfmiddlewaretoken"\s+value="[^"]+"|nonce="[^"]+"|"X-CSRFToken":\s*"[^"]+"|&quot;X-CSRFToken&quot;:[^}]+"""
    r"""|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{32,64}\b|since=\d+|'nonce-[^']+'"""
)


@dataclass
class Answer:
    path: str
    status: int
    text: str
    headers: dict
    error: str = ""
    has_written: bool = False
    then: object = None

    @property
    def is_refusal(self):
        return self.status in REFUSALS or self.leads_to_login

    @property
    def leads_to_login(self):
        target = self.headers.get("Location", self.headers.get("HX-Redirect", ""))
        return target.startswith((resolve_url(settings.LOGIN_URL), "/admin/login/"))

    @property
    def shape(self):
        """What a guesser could tell two answers apart by."""
        headers = {name: value for name, value in self.headers.items() if name not in CHANGING}
        return self.status, len(self._quiet(self.text)), self._quiet(repr(sorted(headers.items())))

    def _quiet(self, text):
        for own in (self.path, quote(self.path), quote(self.path, safe="")):
            text = text.replace(own, "")
        return NOISE.sub("", text)


@dataclass
class Tally:
    """What came of all requests; each finding is one plain sentence."""

    tried: int = 0
    allowed: int = 0
    denied: int = 0
    leaked: list = field(default_factory=list)
    unmapped: list = field(default_factory=list)
    wrong: list = field(default_factory=list)

    def count(self, answer):
        self.tried += 1
        self.denied += answer.is_refusal
        self.allowed += not answer.is_refusal

    def __str__(self):
        return (
            f"tried {self.tried} / allowed {self.allowed} / denied {self.denied}"
            f" / leaked {len(self.leaked)} / unmapped {len(self.unmapped)}"
        )

    def findings(self):
        return "\n".join([*self.leaked, *self.unmapped, *self.wrong])


def ask(client, method, path, data=None, *, watched=None, then=None, **headers):
    """Send one request and take back all that it wrote. `watched` is a world: was anything of it changed? `then()` is
    asked before it is taken back."""
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    client.raise_request_exception = False
    _stand, writes = (watched.checksum_at_first, watched.writes_seen or writes_so_far()) if watched else (None, 0)
    point = transaction.savepoint()
    try:
        response = _send(client, method, path, data or {}, headers)
        answer = Answer(path, response.status_code, _text(response), dict(response.headers), _error(response))
        if method == "POST" and not answer.is_refusal:
            _commit_for_real(answer)
        if watched:
            watched.writes_seen = writes_so_far()
            answer.has_written = watched.writes_seen != writes and watched.is_changed()
        answer.then = then() if then else None
        return answer
    finally:
        taken_back(point)
        client.cookies = SimpleCookie(cookies)


def taken_back(point):
    """Undo all since a savepoint and let go of it: one that stays open makes each row dearer to read after it."""
    connection.needs_rollback = False
    with connection.cursor() as cursor:
        cursor.execute(f'ROLLBACK TO SAVEPOINT "{point}"; RELEASE SAVEPOINT "{point}"')


def _send(client, method, path, data, headers):
    if path.startswith("/api/") and method != "GET":
        body = json.dumps(data, default=str)
        return client.generic(method, path, body, content_type="application/json", **{"HTTP_IF_MATCH": "*"} | headers)
    kind = {} if method in ("GET", "POST") else {"content_type": "application/x-www-form-urlencoded"}
    sent = data if method in ("GET", "POST") else ""
    return getattr(client, method.lower())(path, sent, **kind, **headers)


def _text(response):
    if not response.streaming:
        return response.content.decode(errors="replace")
    if response.is_async:
        return ""  # the stream of topics; it never ends
    return b"".join(response.streaming_content).decode(errors="replace")


def _error(response):
    return repr(response.exc_info[1])[:300] if getattr(response, "exc_info", None) else ""


def _commit_for_real(answer):
    """Check what the database otherwise checks at the commit, which no test reaches."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(f"SAVEPOINT committing; {CHECKED}; RELEASE SAVEPOINT committing")
        except IntegrityError as error:
            cursor.execute("ROLLBACK TO SAVEPOINT committing; RELEASE SAVEPOINT committing")
            connection.needs_rollback = False
            answer.error = f"only the database refused it: {error}"[:300]
