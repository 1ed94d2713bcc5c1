"""Who may be reached where and for what: the ledger of what people said, and the addresses that nothing is sent to."""

from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils import timezone

from clinics.audit import SYSTEM, record
from clinics.live import publish
from inbox.models import (
    Channel,
    ConsentSource,
    ConsentState,
    ContactConsent,
    Purpose,
    Suppression,
    SuppressionReason,
)
from inbox.rules import ReasonMissing

ASKED_FOR = (Purpose.CARE, Purpose.NEWS)  # an answer to what they wrote themselves needs no consent


@dataclass(frozen=True)
class Said:
    """What somebody said about being reached at a normal address on a channel, for a purpose, and what shows it."""

    channel: str
    address: str
    purpose: str
    state: str
    source: str
    wording: object = None  # ConsentWording
    wording_text: str = ""
    message: object = None  # UnifiedMessage
    proof: dict = field(default_factory=dict)


@transaction.atomic
def note_consent(said, *, by, decided_at=None):
    """Add one entry to the ledger; returns the ContactConsent that stands now.

    What was said last stands, whichever is written down first; the same word in the same way twice is one entry.
    Records "inbox.consent.decided".
    """
    decided_at = decided_at or timezone.now()
    wait_for_address(said.channel, said.address)
    about = ContactConsent.objects.about(said.channel, said.address).filter(purpose=said.purpose)
    standing = about.standing().first()
    if standing is not None and _says_the_same(standing, said):
        return standing
    is_later = standing is None or standing.decided_at <= decided_at
    if standing is not None and is_later:
        about.standing().update(is_current=False, updated_at=timezone.now())
    entry = ContactConsent.objects.create(
        channel=said.channel,
        address=said.address,
        purpose=said.purpose,
        state=said.state,
        source=said.source,
        decided_at=decided_at,
        wording=said.wording,
        wording_text=said.wording.text if said.wording else said.wording_text,
        message=said.message,
        proof=said.proof,
        by=by,
        is_current=is_later,
    )
    facts = {"channel": said.channel, "purpose": said.purpose, "state": said.state, "source": said.source}
    record("inbox.consent.decided", entry, by=by, after=facts)
    publish("consent")
    return entry if is_later else standing


def _says_the_same(standing, said):
    wording = said.wording.text if said.wording else said.wording_text
    return (standing.state, standing.source, standing.wording_text) == (said.state, said.source, wording)


@transaction.atomic
def suppress(channel, address, reason, *, by=SYSTEM, detail="", message=None):
    """Send nothing to a normal address on a channel from now on, because of a SuppressionReason; returns the row.

    The same reason twice is one row. What is claimed already but not handed over does not go either. Records
    "inbox.address.stopped".
    """
    wait_for_address(channel, address)
    standing = Suppression.objects.standing().filter(channel=channel, address=address, reason=reason).first()
    if standing is not None:
        return standing
    row = Suppression.objects.create(
        channel=channel, address=address, reason=reason, detail=detail[:300], message=message, by=by
    )
    record("inbox.address.stopped", row, by=by, after={"channel": channel, "reason": reason})
    publish("consent")
    return row


@transaction.atomic
def lift_suppression(suppression, *, why, by):
    """Let messages go to an address again, and keep why; returns the row. Lifting twice is lifting once.

    Records "inbox.address.released". Raises ReasonMissing.
    """
    if not why.strip():
        raise ReasonMissing
    wait_for_address(suppression.channel, suppression.address)
    row = Suppression.objects.select_for_update(of=("self",)).get(pk=suppression.pk)
    if row.lifted_at is None:
        row.lifted_at, row.lifted_by = timezone.now(), by
        row.save(update_fields=["lifted_at", "lifted_by", "updated_at"])
        record("inbox.address.released", row, by=by, metadata={"why": why.strip()[:300]})
        publish("consent")
    return row


@transaction.atomic
def opt_out(channel, address, *, source, by=SYSTEM, message=None, proof=None, detail=""):
    """They want nothing more on a channel: their refusal of every purpose is kept, and the address is stopped.

    Holds before the next message is handed over. Returns the Suppression.
    """
    for purpose in ASKED_FOR:
        said = Said(channel, address, purpose, ConsentState.OPTED_OUT, source, message=message, proof=proof or {})
        note_consent(said, by=by)
    return suppress(channel, address, SuppressionReason.STOP, by=by, message=message, detail=detail)


@transaction.atomic
def opt_in_again(channel, address, *, source=ConsentSource.MESSAGE, by=SYSTEM, message=None, proof=None):
    """They ask for messages again after STOP: messages about their care go, news only if they had agreed to these."""
    wait_for_address(channel, address)
    about = ContactConsent.objects.about(channel, address)
    had_news = about.filter(purpose=Purpose.NEWS, state=ConsentState.OPTED_IN).exists()
    for purpose in ASKED_FOR if had_news else (Purpose.CARE,):
        said = Said(channel, address, purpose, ConsentState.OPTED_IN, source, message=message, proof=proof or {})
        note_consent(said, by=by)
    reasons = (SuppressionReason.STOP, SuppressionReason.REFUSAL)
    for row in Suppression.objects.standing().filter(channel=channel, address=address, reason__in=reasons):
        lift_suppression(row, why="START", by=by)


def wait_for_address(channel, address):
    """Let one transaction at a time decide about an address."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"consent {channel} {address}"])


@dataclass(frozen=True)
class Permission:
    """Whether a message may go to an address: `reason` is a code of inbox.reasons, or "" if it may.

    `waits` when that is not for good: somebody has to read what they wrote first. `consent` is the entry it rests on.
    """

    reason: str = ""
    waits: bool = False
    detail: str = ""
    consent: object = None


class Standing:
    """What stands about some addresses, asked in two statements: `permission` then answers for each message."""

    def __init__(self, addresses, *, for_answers=False):
        """`addresses` are pairs of channel and normal address. Answers ask for no consent: it is not read for them."""
        wanted = {address for _channel, address in addresses}
        self._stopped, self._said = {}, {}
        for row in Suppression.objects.standing().filter(address__in=wanted).order_by("pk"):
            self._stopped.setdefault((row.channel, row.address), []).append(row)
        for row in () if for_answers else ContactConsent.objects.standing().filter(address__in=wanted):
            self._said[row.channel, row.address, row.purpose] = row

    def permission(self, channel, address, purpose, *, confirms=False):
        """May a message of a purpose go there? One that `confirms` what they asked for goes despite their STOP."""
        if channel == Channel.PORTAL:
            return Permission()
        stopped = self._stopped.get((channel, address), [])
        asked = (SuppressionReason.STOP, SuppressionReason.REFUSAL)
        final = [row for row in stopped if row.reason != SuppressionReason.REFUSAL]
        final = [row for row in final if not (confirms and row.reason in asked)]
        if final:
            reason = "opted_out" if final[0].reason == SuppressionReason.STOP else "stopped_address"
            return Permission(reason, detail=str(final[0].get_reason_display()))
        if stopped and not confirms:
            return Permission("refusal_to_read", waits=True)
        if purpose == Purpose.REPLY:
            return Permission()
        said = self._said.get((channel, address, purpose))
        if said is not None and said.state == ConsentState.OPTED_OUT:
            return Permission("opted_out", consent=said)
        if purpose == Purpose.NEWS and said is None:
            return Permission("no_consent")
        return Permission(consent=said)


def may_send(channel, address, purpose):
    """May a message of a purpose go to a normal address? Returns a Permission. The sender asks again at the claim."""
    return Standing([(channel, address)]).permission(channel, address, purpose)
