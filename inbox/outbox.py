"""The only way out to people: what is due is claimed, handed to its carrier once, and its outcome written down.

planned -> pending -> sending -> sent -> delivered -> read; or failed, held back, taken back; or unknown, which is never
sent again without its carrier having been asked (`inbox.reconciling`). docs/sending.md tells the whole story.
"""

import time
from datetime import timedelta
from functools import partial

import structlog
from django.db.models import Exists, OuterRef
from django.utils import timezone

from clinics.tenancy import clinic_scope
from inbox.channels.contract import NotSent, Unclear, adapter_for
from inbox.claiming import claim_due
from inbox.composing import compose
from inbox.models import (
    Channel,
    ChannelAccount,
    ConsentState,
    ContactConsent,
    InboxSettings,
    MessageStatus,
    Suppression,
    UnifiedMessage,
)
from inbox.outcomes import accepted, give_back, in_doubt, refused
from inbox.patience import LEASE
from inbox.reporting import apply_reports_before

log = structlog.get_logger("recare.outbox")
AT_MOST = timedelta(seconds=50)  # that one run works; what is left is taken up by the next


def drain_outbox(clinic):
    """Send what is due, batch by batch, until nothing may go any more; returns how many were handed over.

    Runs outside of any transaction, in any number of workers at once. Whatever becomes of one message, the others go.
    """
    handed, adapters, started = 0, {}, time.monotonic()
    while time.monotonic() - started < AT_MOST.total_seconds():
        with clinic_scope(clinic):
            claims, is_more = claim_due(clinic)
        handed += send_claimed(clinic, claims, adapters)
        if claims:
            _note_sent(clinic, claims)
        if not is_more:
            break
    return handed


def send_claimed(clinic, claims, adapters):
    """Hand claimed messages to their carriers, one after the other; returns how many were handed over.

    What came of each is written in the transaction in which the next is handed over: one commit a message, and still
    before anything else goes out.
    """
    handed, came = 0, None
    for claim in claims:
        clock = time.monotonic()
        outgoing = _hand_over_after(clinic, came, claim)
        came = None
        if outgoing is None:
            continue
        if time.monotonic() - clock > LEASE.total_seconds() / 2:  # it was frozen: others may think that it is dead
            came = partial(give_back, claim)
            continue
        came = _ask_carrier(claim, outgoing, adapters)
        handed += 1
    if came is not None:
        with clinic_scope(clinic):
            came()
    return handed


def _hand_over_after(clinic, came, claim):
    """Write what came of the message before, and hand over the next; neither is lost by a fault of the other."""
    try:
        with clinic_scope(clinic):
            if came is not None:
                came()
            return hand_over(clinic, claim)
    except Exception:
        if came is None:
            raise
        with clinic_scope(clinic):
            came()
        with clinic_scope(clinic):
            return hand_over(clinic, claim)


def _ask_carrier(claim, outgoing, adapters):
    """Call the carrier; returns the function that writes down what came of it, to be called in a transaction."""
    try:
        answer = _adapter(claim.account, adapters).send(claim.account, outgoing)
    except NotSent as refusal:
        return partial(refused, claim, refusal)
    except Unclear:
        return partial(in_doubt, claim)
    except Exception as error:  # whatever an adapter stumbles over, nobody knows whether it had sent before that
        log.warning("carrier failed", message_id=str(claim.message.pk), error=type(error).__name__)
        return partial(in_doubt, claim)
    return partial(accepted, claim, answer)


def hand_over(clinic, claim):
    """From here on the carrier may have it: returns the Outgoing, or None if it may not go after all.

    The claim may be some seconds old. One statement makes sure that it still stands, that they have not refused since,
    and that nobody has stopped everything; what it does not let pass goes back, to be looked at again.
    """
    now = timezone.now()
    mine = UnifiedMessage.objects.filter(pk=claim.message.pk, fence=claim.fence, status=MessageStatus.SENDING)
    allowed = mine.exclude(Exists(InboxSettings.objects.exclude(stopped_at=None)))
    if claim.message.channel != Channel.PORTAL and not claim.message.metadata.get("confirms"):
        there = {"channel": OuterRef("channel"), "address": OuterRef("address")}
        refusals = ContactConsent.objects.standing().filter(
            **there, purpose=OuterRef("purpose"), state=ConsentState.OPTED_OUT
        )
        allowed = allowed.exclude(Exists(Suppression.objects.standing().filter(**there))).exclude(Exists(refusals))
    if not allowed.update(handed_over_at=now, happened_at=now, lease_until=now + LEASE, updated_at=now):
        give_back(claim, "changed_meanwhile")
        return None
    return compose(claim.message, claim.account, clinic)


def _adapter(account, adapters):
    if account.pk not in adapters:
        adapters[account.pk] = adapter_for(account)
    return adapters[account.pk]


def _note_sent(clinic, claims):
    """When each account last sent something, and what was told of messages before their ids were known: once for a
    batch, since all workers would wait for the row of the account otherwise."""
    accounts = sorted({claim.account.pk for claim in claims})
    with clinic_scope(clinic):
        rows = ChannelAccount.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=accounts)
        ChannelAccount.objects.filter(pk__in=[row.pk for row in rows.order_by("pk")]).update(last_out_at=timezone.now())
        apply_reports_before(claim.message for claim in claims)
