"""Tokens of an EMR: asked for with a signed assertion, kept in memory while they last, and never written down."""

import time
from threading import Lock

from patients.emr.addresses import check_url
from patients.emr.errors import Declined, EmrError, LoginRefused, NotFhir, NotThere, Unreadable
from patients.emr.signing import assertion

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EARLY = 30  # seconds before its end a token is no longer used
SHORTEST, USUAL = 60, 300  # seconds that a token lasts, at least, and where nothing is said

_kept, _lock = {}, Lock()


class Tokens:
    """The token of one Server; what one worker has asked for, all of its threads use."""

    def __init__(self, server, line):
        self._server, self._line = server, line
        self._key = (server.base_url, server.client_id, server.scopes, server.key.kid)

    def get(self):
        """A token that is good for a while. Raises LoginRefused, ScopeRefused, and what asking raises."""
        with _lock:
            token, ends = _kept.get(self._key, ("", 0.0))
        if token and ends > time.monotonic():
            return token
        return self._fetch()

    def forget(self):
        with _lock:
            _kept.pop(self._key, None)

    def _fetch(self):
        url = self.token_url()
        form = {
            "grant_type": "client_credentials",
            "scope": self._server.scopes,
            "client_assertion_type": ASSERTION,
            "client_assertion": assertion(self._server.key, client_id=self._server.client_id, audience=url),
        }
        try:
            said = self._line.ask("POST", url, data=form, headers={"Accept": "application/json"}).body
        except Declined as error:  # a token endpoint says 400 to whoever it does not know
            raise LoginRefused(detail=error.detail) from None
        token = said.get("access_token") if isinstance(said, dict) else None
        if not isinstance(token, str) or not token or not token.isascii():
            raise Unreadable
        lasts = max(_seconds(said.get("expires_in")) - EARLY, SHORTEST - EARLY)
        with _lock:
            _kept[self._key] = (token, time.monotonic() + lasts)
        return token

    def token_url(self):
        """Where tokens are given out: as connected, or as the server tells. Raises NotFhir, AddressRefused."""
        if self._server.token_url:
            return str(check_url(self._server.token_url))
        base = self._server.base_url.rstrip("/")
        try:
            told = self._line.ask("GET", f"{base}/.well-known/smart-configuration").body
        except (NotThere, Unreadable, Declined):
            told = None
        url = told.get("token_endpoint") if isinstance(told, dict) else None
        url = url or self._from_capability(base)
        if not isinstance(url, str) or not url:
            raise NotFhir
        return str(check_url(url))

    def _from_capability(self, base):
        """What servers told before there was a smart-configuration: an extension of their statement."""
        try:
            said = self._line.ask("GET", f"{base}/metadata", headers={"Accept": "application/fhir+json"}).body
            parts = [
                part
                for rest in said["rest"]
                for extension in rest["security"]["extension"]
                for part in extension["extension"]
            ]
            return next((part["valueUri"] for part in parts if part.get("url") == "token"), "")
        except (KeyError, TypeError, AttributeError, EmrError):
            return ""


def _seconds(value):
    return value if isinstance(value, int) and 0 < value < 86_400 else USUAL
