"""FHIR R4 as a client: log in, search in pages, read, book, change. No transaction may be open around these calls."""

import random
import time
from dataclasses import dataclass, field

from patients.emr.addresses import check_url, same_origin
from patients.emr.asking import Line, words_of
from patients.emr.errors import AddressRefused, Away, Busy, LoginRefused, NotFhir, NotR4, NotThere, Unreadable
from patients.emr.login import Tokens
from patients.emr.signing import SigningKey

FHIR = "application/fhir+json"
PAGE = 100  # resources that are asked for at once
TRIES = 4
PATIENCE = 30.0  # seconds that a request waits by itself; longer pauses are left to whoever asked for it


@dataclass(frozen=True)
class Server:
    """An EMR as a clinic connected it: address without a slash at its end, who we are there, and our key."""

    base_url: str
    client_id: str
    scopes: str
    key: SigningKey
    token_url: str = ""  # only where the server does not tell it


@dataclass(frozen=True)
class Page:
    """One page of what was found: resources, what the server warns of, and the address of the next page."""

    resources: list
    warnings: list = field(default_factory=list)
    next_url: str = ""
    total: int = 0  # of all pages, 0 where the server does not count


class Client:
    """Talks to one Server over one Line. Use it as a context manager."""

    def __init__(self, server, *, line=None, sleep=time.sleep):
        self.server, self._line, self._sleep = server, line or Line(), sleep
        self._tokens = Tokens(server, self._line)
        check_url(server.base_url)

    def __enter__(self):
        self._line.__enter__()
        return self

    def __exit__(self, *error):
        self._line.__exit__(*error)

    def capability(self):
        """What the server says of itself; asked without a token. Raises NotFhir, NotR4."""
        try:
            said = self._patiently(lambda: self._line.ask("GET", self.address("metadata"), headers={"Accept": FHIR}))
        except (NotThere, Unreadable, LoginRefused):
            raise NotFhir from None
        body = said.body
        if not isinstance(body, dict) or body.get("resourceType") != "CapabilityStatement":
            raise NotFhir
        if not str(body.get("fhirVersion", "")).startswith("4.0"):
            raise NotR4(detail=str(body.get("fhirVersion", ""))[:20])
        return body

    def log_in(self):
        """Get a fresh token, whatever is at hand. Raises LoginRefused, ScopeRefused."""
        self._tokens.forget()
        return self._tokens.get()

    def search(self, kind, **parameters):
        """The first page of what is found; `follow` gives those after it."""
        return self._page(self.address(kind), {"_count": str(PAGE)} | parameters)

    def follow(self, next_url):
        """One page further. Raises AddressRefused for a link that leads to another server."""
        if not same_origin(check_url(next_url), self.server.base_url):
            raise AddressRefused
        return self._page(next_url)

    def read(self, kind, row_id):
        """One resource as it stands. Raises NotThere, and Gone for one that was deleted."""
        return _resource(self.ask("GET", self.address(kind, row_id)))

    def create(self, resource, *, once=""):
        """Make a resource; `once` is an identifier, "system|value", under which it is made no second time.

        Is not repeated by itself when no answer comes: whether it was made has to be looked up then.
        """
        headers = {"If-None-Exist": f"identifier={once}"} if once else {}
        headers |= {"Content-Type": FHIR, "Prefer": "return=representation"}
        address = self.address(resource["resourceType"])
        answer = self.ask("POST", address, json=resource, headers=headers, is_repeatable=False)
        return self._made(resource["resourceType"], answer)

    def patch(self, kind, row_id, operations, *, version=""):
        """Change a resource by a JSON Patch, if it is still the `version` that was seen. Raises ChangedThere."""
        headers = {"Content-Type": "application/json-patch+json", "Prefer": "return=representation"}
        headers |= {"If-Match": f'W/"{version}"'} if version else {}
        answer = self.ask("PATCH", self.address(kind, row_id), json=operations, headers=headers, is_repeatable=False)
        return _resource(answer) if answer.body else self.read(kind, row_id)

    def ask(self, method, url, *, headers=None, is_repeatable=True, **request):
        """Send one request with our token; waits and tries again where that helps. Returns the Answer."""

        def send():
            return self._line.ask(method, url, headers=self.signed(url, headers), **request)

        try:
            return self._patiently(send, is_repeatable=is_repeatable)
        except LoginRefused:
            self._tokens.forget()
        return self._patiently(send, is_repeatable=is_repeatable)

    def stream(self, url):
        """An answer that is read piece by piece, from this server or another that may be called."""
        return self._line.stream("GET", str(check_url(url)), headers=self.signed(url, {"Accept": "*/*"}))

    def signed(self, url, headers=None):
        """The headers of a request: our token goes to the server that it is for, and to no other."""
        token = {"Authorization": f"Bearer {self._tokens.get()}"} if same_origin(url, self.server.base_url) else {}
        return {"Accept": FHIR} | (headers or {}) | token

    def address(self, *parts):
        return "/".join([self.server.base_url.rstrip("/"), *parts])

    def wait(self, seconds):
        self._sleep(seconds)

    def _page(self, url, parameters=None):
        body = self.ask("GET", url, params=parameters).body
        if not isinstance(body, dict) or body.get("resourceType") != "Bundle":
            raise Unreadable(detail=words_of(body))
        found, warnings = [], []
        for entry in body.get("entry") or []:
            resource = entry.get("resource") if isinstance(entry, dict) else None
            if not isinstance(resource, dict):
                continue
            if resource.get("resourceType") == "OperationOutcome":
                warnings.append(words_of(resource))
            else:
                found.append(resource)
        links = [link for link in body.get("link") or [] if isinstance(link, dict)]
        following = [str(link.get("url") or "") for link in links if link.get("relation") == "next"]
        total = body.get("total") if isinstance(body.get("total"), int) else 0
        return Page(found, [words for words in warnings if words], following[0] if following else "", total)

    def _made(self, kind, answer):
        if isinstance(answer.body, dict) and answer.body.get("id"):
            return answer.body
        row_id = answer.headers.get("Location", "").partition("/_history")[0].rstrip("/").rpartition("/")[2]
        return self.read(kind, row_id) if row_id else _resource(answer)

    def _patiently(self, send, *, is_repeatable=True):
        """Send, and again after a pause where the server was busy, or had trouble that may pass."""
        for attempt in range(1, TRIES + 1):
            try:
                return send()
            except Busy as busy:  # it says itself that nothing was done
                if attempt == TRIES or busy.after > PATIENCE:
                    raise
                pause = max(busy.after, _backoff(attempt) if attempt > 1 else 0)
            except (Away, Unreadable):
                if attempt == TRIES or not is_repeatable:
                    raise
                pause = _backoff(attempt)
            self._sleep(pause)
        raise AssertionError("the last try returns or raises")


def _backoff(attempt):
    """Seconds before the next try: twice as long each time, and not all clinics at once."""
    return 0.5 * 2**attempt * random.uniform(0.5, 1.0)  # noqa: S311 - spreads requests, keeps no secret


def _resource(answer):
    body = answer.body
    if not isinstance(body, dict) or "resourceType" not in body or body["resourceType"] == "OperationOutcome":
        raise Unreadable(detail=words_of(body))
    return body
