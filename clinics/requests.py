"""What is known of the request in hand: its id for the logs, and who it came from for the audit log."""

import hashlib
import ipaddress
import time
import uuid
from contextvars import ContextVar
from dataclasses import dataclass, replace

import structlog

log = structlog.get_logger("recare.request")
API_FOR_ALL = frozenset({"/api/docs", "/api/openapi.json"})


@dataclass(frozen=True)
class RequestFacts:
    request_id: str = ""
    ip_address: str | None = None
    api_token: str = ""


NOT_IN_A_REQUEST = RequestFacts()
_facts = ContextVar("request_facts", default=NOT_IN_A_REQUEST)


def request_facts():
    """The id and address of the request being answered; empty outside of one."""
    return _facts.get()


def address_of(request):
    """Who is at the other end; None where the server does not say (a socket file) or says what is no address."""
    try:
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR", "").partition("%")[0]))
    except ValueError:
        return None


def is_api(request):
    """Tell whether a program asks, so that whatever is answered must be JSON; the API's own page is for people."""
    return request.path_info.startswith("/api/") and request.path_info not in API_FOR_ALL


def token_digest_in(request):
    """The digest of the token that a request to the API carries; None if it carries none, "" if it is no token."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if not is_api(request) or not scheme:
        return None
    return digest(secret.strip()) if scheme.lower() == "bearer" else ""


def digest(secret):
    """What is kept of a secret: SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def note_token(token):
    """Remember for the audit log by which API token the request in hand came."""
    _facts.set(replace(_facts.get(), api_token=str(token.pk)))


class RequestIdMiddleware:
    """Give each request an id that stands in its answer, its log lines and its audit entries."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = uuid.uuid4().hex
        token = _facts.set(RequestFacts(request.id, address_of(request)))
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request.id):
            try:
                response = self.get_response(request)
                match = getattr(request, "resolver_match", None)
                log.info(
                    "answered",
                    method=request.method,
                    route=match.route if match else "",
                    status=response.status_code,
                    milliseconds=round((time.perf_counter() - started) * 1000),
                )
            finally:
                _facts.reset(token)
        response["X-Request-Id"] = request.id
        return response
