"""A test of a connection by the whole way: sent to its public address as the service would, proved, kept and taken in.

What is sent carries a mark that only we can make. It is kept as an event that is a test; what it would have become is
worked out in a transaction that is rolled back, so that nothing of it is ever left but the words.
"""

import uuid
from dataclasses import dataclass, field, replace

import httpx
from django.core.signing import BadSignature, TimestampSigner
from django.db import DatabaseError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from clinics.mail import absolute
from clinics.models import WebhookLog
from clinics.tenancy import clinic_scope
from clinics.webhook_sources import Check, source_named

MARK = "X-Recare-Test"
FRESH = 300  # seconds that a mark is good for
TIMEOUT = httpx.Timeout(15.0, connect=5.0)  # seconds


@dataclass(frozen=True)
class Rehearsal:
    """A delivery as the service would send it; `gathered` is what the service would say when it is asked further."""

    body: bytes
    content_type: str = "application/json"
    headers: dict = field(default_factory=dict)
    gathered: object = None


def is_rehearsal(connection, delivery):
    """The mark of a delivery that we sent ourselves to try this connection out, or nothing for any other."""
    try:
        said = _signer().unsign(delivery.headers.get(MARK, ""), max_age=FRESH)
    except BadSignature:
        return ""
    owner, _colon, mark = said.partition(":")
    return mark if owner == str(connection.pk) else ""


def marked(events, mark):
    """The same events as tests: ids that no service has, and nobody works at them."""
    words = _("A test of ours. No lead was made of it.")
    return [
        replace(event, id=f"test:{mark}:{place}", type="test", ignored=words, hopeless="")
        for place, event in enumerate(events)
    ]


def send_rehearsal(clinic, connection, secrets):
    """Send a test to the public address of a connection, and see what would become of it; returns a list of Check.

    Runs outside of any transaction: the address is asked over the network, as the service asks it.
    """
    source, mark = source_named(connection.kind), uuid.uuid4().hex
    with translation.override(clinic.language):
        rehearsal, url = source.rehearsal(connection, secrets), absolute(connection.get_path())
        headers = {"Content-Type": rehearsal.content_type, MARK: _signer().sign(f"{connection.pk}:{mark}")}
        arrived = _sent(url, rehearsal.body, headers | rehearsal.headers)
        return [arrived, _outcome(clinic, source, mark, rehearsal.gathered)] if arrived.passed else [arrived]


def _sent(url, body, headers):
    text = _("A test was sent to the public address and accepted.")
    try:
        answer = _post(url, body, headers)
    except httpx.HTTPError as error:
        words = _("%(url)s could not be reached (%(error)s). BASE_URL must be the address that others call.")
        return Check(text, False, words % {"url": url, "error": type(error).__name__})
    if answer.is_success:
        return Check(text, True)
    words = _("It was answered with %(status)s: %(answer)s")
    return Check(text, False, words % {"status": answer.status_code, "answer": answer.text[:200]})


def _post(url, body, headers):
    return httpx.post(url, content=body, headers=headers, timeout=TIMEOUT)


def _outcome(clinic, source, mark, gathered):
    """What a test that was kept would have become; it is said on the event as well."""
    text = _("It was kept and read as a lead.")
    with clinic_scope(clinic), translation.override(clinic.language):
        event = WebhookLog.objects.select_related("connection").filter(external_id__startswith=f"test:{mark}:").first()
        if event is None:
            return Check(text, False, _("It was accepted, but nothing was kept of it."))
        passed, words = _tried(source, clinic, event, gathered)
        event.outcome = (_("A test: %s") % words)[:200]
        event.save(update_fields=["outcome", "updated_at"])
    return Check(f"{text} {words}" if passed else text, passed, "" if passed else words)


def _tried(source, clinic, event, gathered):
    try:
        with transaction.atomic():
            passed, words = source.rehearse(clinic, event, gathered)
            transaction.set_rollback(True)
    except DatabaseError:
        raise
    except Exception as error:  # whatever goes wrong with a test is what the test is for
        return False, str(error) or type(error).__name__
    return passed, words


def _signer():
    return TimestampSigner(salt="clinics.webhook_rehearsal")
