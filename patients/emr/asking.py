"""One request to an EMR: to an address that may be called, within limits of size and time; its answer, or an error."""

import json
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from django.utils.translation import gettext as _

from patients.emr.addresses import PinnedTransport
from patients.emr.errors import (
    Away,
    Busy,
    CertificateRefused,
    ChangedThere,
    Declined,
    Gone,
    LoginRefused,
    Moved,
    NameUnknown,
    NotSupported,
    NotThere,
    ScopeRefused,
    TooLarge,
    TooSlow,
    Unreachable,
    Unreadable,
)

TIMEOUT = httpx.Timeout(30.0, connect=10.0)  # seconds; between two pieces of an answer
WHOLE = 120.0  # seconds for an answer as a whole
LARGEST = 32 * 1024 * 1024  # bytes of one answer
LONGEST_PAUSE = 3600  # seconds


@dataclass(frozen=True)
class Answer:
    """What a server said: `body` is parsed JSON, None where nothing was said."""

    status: int
    headers: httpx.Headers
    body: object = None


class Line:
    """An open line to the servers of one EMR. Use it as a context manager."""

    def __init__(self, transport=None):
        self._client = httpx.Client(
            transport=transport or PinnedTransport(),
            timeout=TIMEOUT,
            follow_redirects=False,
            headers={"User-Agent": "Recare", "Accept-Encoding": "gzip"},
        )

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._client.close()

    def ask(self, method, url, **request):
        """Send one request; returns the Answer to a success. Raises an EmrError for everything else."""
        with self.stream(method, url, **request) as response:
            content = b"".join(limited(response.iter_bytes()))
        return Answer(response.status_code, response.headers, _parsed(content))

    def stream(self, method, url, **request):
        """The same, for an answer that is read piece by piece: a context manager that gives the response."""
        return _Stream(self._client, method, url, request)


class _Stream:
    """Turns what goes wrong underneath, at the start or while reading, into an EmrError."""

    def __init__(self, client, method, url, request):
        self._client, self._method, self._url, self._request = client, method, url, request

    def __enter__(self):
        try:
            sent = self._client.build_request(self._method, self._url, **self._request)
            self._response = self._client.send(sent, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            raise _broken(error) from error
        if not self._response.is_success:
            try:
                raise error_of(self._response, _parsed_kindly(self._response))
            finally:
                self._response.close()
        return self._response

    def __exit__(self, kind, error, _trace):
        self._response.close()
        if isinstance(error, httpx.HTTPError | ssl.SSLError):
            raise _broken(error) from error


def limited(pieces, *, most=LARGEST, whole=WHOLE):
    """Pass on the pieces of an answer until it is too large or takes too long. Raises TooLarge, TooSlow."""
    size, end = 0, time.monotonic() + whole
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise TooLarge
        if time.monotonic() > end:
            raise TooSlow
        yield piece


def _broken(error):
    """An EmrError for a request that brought no answer."""
    if isinstance(error, httpx.ConnectTimeout):
        return Unreachable()
    if isinstance(error, httpx.TimeoutException):
        return TooSlow()
    if "CERTIFICATE_VERIFY" in str(error) or "certificate" in str(error).lower():
        return CertificateRefused()
    if isinstance(error, httpx.ConnectError):
        if "Name or service" in str(error) or "nodename" in str(error):
            return NameUnknown()
        return Unreachable()
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
        return Away(_("The EMR broke off in the middle of its answer."))
    return Unreachable()


def error_of(response, body):
    """The EmrError that an answer of 300 and above stands for, the server's own words at its end."""
    status, words = response.status_code, words_of(body)
    if 300 <= status < 400:
        return Moved(detail=response.headers.get("Location", "")[:200])
    if status == 429 or (status == 503 and "Retry-After" in response.headers):
        busy = Busy(detail=words)
        busy.after = pause_of(response.headers.get("Retry-After", ""))
        return busy
    if status == 408 or status >= 500:
        return Away(detail=words or f"HTTP {status}")
    named = body.get("error") if isinstance(body, dict) else ""
    if named == "invalid_scope":
        return ScopeRefused(detail=words)
    if named in ("invalid_client", "unauthorized_client") or status == 401:
        return LoginRefused(detail=words)
    kinds = {
        403: ScopeRefused,
        404: NotThere,
        405: NotSupported,
        409: ChangedThere,
        410: Gone,
        412: ChangedThere,
        501: NotSupported,
    }
    return kinds.get(status, Declined)(detail=words or f"HTTP {status}")


def words_of(body):
    """What a server says went wrong: an OperationOutcome's own words, or those of a token endpoint."""
    if not isinstance(body, dict):
        return ""
    if body.get("resourceType") != "OperationOutcome":
        return str(body.get("error_description") or body.get("error") or "")[:300]
    said = []
    for issue in body.get("issue") or []:
        details = issue.get("details") if isinstance(issue, dict) else None
        text = details.get("text") if isinstance(details, dict) else ""
        said.append(str(issue.get("diagnostics") or text or issue.get("code") or "") if isinstance(issue, dict) else "")
    return "; ".join(filter(None, said))[:300]


def pause_of(text):
    """How many seconds a Retry-After asks for, as a number or as a date; a minute where it says nothing."""
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError):
            seconds = Busy.after
    return min(max(seconds, 0), LONGEST_PAUSE)


def _parsed(content):
    if not content.strip():
        return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise Unreadable from None


def _parsed_kindly(response):
    """What stands in the answer of a failure, if it can be read at all."""
    try:
        return _parsed(b"".join(limited(response.iter_bytes(), most=1024 * 1024, whole=20)))
    except (Unreadable, TooLarge, TooSlow, httpx.HTTPError):
        return None
