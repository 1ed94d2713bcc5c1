"""The only way out to people: what is due is claimed, handed to its carrier once, and its outcome written down.

planned -> pending -> sending -> sent -> delivered -> read; or failed, held back, taken back; or unknown, which is never
sent again without its carrier having been asked (`inbox.reconciling`). docs/sending.md tells the whole story.
"""

import time
from datetime import timedelta
from functools import partial

import structlog
from django.db import connection
from django.utils import timezone

from clinics.live import publish
from clinics.tenancy import clinic_scope
from inbox.channels.contract import NotSent, Unclear, adapter_for
from inbox.claiming import AT_ONCE, MOST_AT_ONCE, claim_due
from inbox.composing import compose
from inbox.models import (
    Channel,
    ChannelAccount,
)
from inbox.outcomes import (
    ACCEPTED,
    accept_late_or_first,
    accepted,
    facts_of_accepted,
    give_back,
    in_doubt,
    is_plainly_accepted,
    refused,
)
from inbox.patience import LEASE
from inbox.reporting import apply_reports_before

log = structlog.get_logger("recare.outbox")
TELL_EVERY = 0.5  # seconds, at most, until open pages hear what became of a message
# From here on the carrier may have it: only while the claim stands, nobody has stopped everything, and they have not
# refused since. No column is written that an index holds: each index would have to be written, too.
HAND_OVER = """
    UPDATE inbox_unifiedmessage message
    SET handed_over_at = %(now)s, lease_until = %(until)s, updated_at = %(now)s
    WHERE message.clinic_id = %(clinic)s AND message.id = %(id)s AND message.fence = %(fence)s
        AND message.status = 'SENDING'
        AND NOT EXISTS (SELECT FROM inbox_inboxsettings rules
            WHERE rules.clinic_id = message.clinic_id AND rules.stopped_at IS NOT NULL)
        AND (%(goes_anyhow)s OR NOT EXISTS (SELECT FROM inbox_suppression stopped
            WHERE stopped.clinic_id = message.clinic_id AND stopped.channel = message.channel
                AND stopped.address = message.address AND stopped.lifted_at IS NULL)
            AND NOT EXISTS (SELECT FROM inbox_contactconsent said
                WHERE said.clinic_id = message.clinic_id AND said.channel = message.channel
                    AND said.address = message.address AND said.purpose = message.purpose
                    AND said.is_current AND said.state = 'OPTED_OUT'))
"""
# What came of the message before, and the next handed over: one way to the database and back, where both are plain.
ACCEPTED_AND_HAND_OVER = f"""
    WITH came AS ({ACCEPTED} RETURNING 1), goes AS ({HAND_OVER} RETURNING 1)
    SELECT EXISTS (SELECT FROM came), EXISTS (SELECT FROM goes)
"""  # noqa: S608 - put together of what stands here
AT_MOST = timedelta(seconds=50)  # that one run works; what is left is taken up by the next


def drain_outbox(clinic):
    """Send what is due, batch by batch, until nothing may go any more; returns how many were handed over.

    Runs outside of any transaction, in any number of workers at once. Whatever becomes of one message, the others go.
    """
    handed, adapters, started, portion = 0, {}, time.monotonic(), AT_ONCE
    while time.monotonic() - started < AT_MOST.total_seconds():
        with clinic_scope(clinic):
            claims, is_more = claim_due(clinic, at_most=portion)
        clock = time.monotonic()
        handed += send_claimed(clinic, claims, adapters)
        if claims:
            _note_sent(clinic, claims)
            portion = _next_portion(len(claims), time.monotonic() - clock)
        if not is_more:
            break
    return handed


def _next_portion(sent, seconds):
    """How many messages to claim together next: as many as went in a second. A claim costs nearly the same for many as
    for few, and an answer waits no longer than that behind what was claimed before it."""
    return int(min(MOST_AT_ONCE, max(AT_ONCE, sent / max(seconds, 0.01))))


def send_claimed(clinic, claims, adapters):
    """Hand claimed messages to their carriers, one after the other; returns how many were handed over.

    What came of each is written in the transaction in which the next is handed over: one commit a message, and still
    before anything else goes out. Open pages hear of it now and then and at the end: a NOTIFY with each commit would
    let all workers wait for one another.
    """
    handed, came, told = 0, None, Told()
    for claim in claims:
        clock = time.monotonic()
        outgoing = _hand_over_after(clinic, came, claim, told)
        came = None
        if outgoing is None:
            continue
        if time.monotonic() - clock > LEASE.total_seconds() / 2:  # it was frozen: others may think that it is dead
            came = partial(give_back, claim)
            continue
        came = _ask_carrier(claim, outgoing, adapters)
        told.note(claim.message)
        handed += 1
    if came is not None:
        with clinic_scope(clinic):
            came()
            told.publish()
    return handed


class Told:
    """The conversations in which something has come of a message, until open pages are told of them."""

    def __init__(self):
        self.topics, self.told_at = {}, time.monotonic()

    def note(self, message):
        self.topics[f"conversation-{message.conversation_id}"] = True

    def publish_if_due(self):
        if time.monotonic() - self.told_at > TELL_EVERY:
            self.publish()

    def publish(self):
        publish(*self.topics)
        self.topics, self.told_at = {}, time.monotonic()


def _hand_over_after(clinic, came, claim, told):
    """Write what came of the message before, and hand over the next; neither is lost by a fault of the other."""
    try:
        with clinic_scope(clinic):
            if came is not None and came.func is accepted and is_plainly_accepted(came.args[0]):
                outgoing = accepted_before(clinic, came, claim)
                told.publish_if_due()
                return outgoing
            if came is not None:
                came()
                told.publish_if_due()
            return hand_over(clinic, claim)
    except Exception:
        if came is None:
            raise
        with clinic_scope(clinic):
            came()
        with clinic_scope(clinic):
            return hand_over(clinic, claim)


def accepted_before(clinic, came, claim):
    """As `came`, which is accepted() of the message before, and then hand_over()."""
    with connection.cursor() as cursor:
        cursor.execute(ACCEPTED_AND_HAND_OVER, facts_of_accepted(*came.args) | _facts_of_hand_over(claim))
        is_written, is_mine = cursor.fetchone()
    if not is_written:
        accept_late_or_first(*came.args)
    return _handed_over(clinic, claim, is_mine=is_mine)


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
    with connection.cursor() as cursor:
        cursor.execute(HAND_OVER, _facts_of_hand_over(claim))
        return _handed_over(clinic, claim, is_mine=cursor.rowcount == 1)


def _facts_of_hand_over(claim):
    message, now = claim.message, timezone.now()
    facts = {"clinic": message.clinic_id, "id": message.pk, "fence": claim.fence, "now": now, "until": now + LEASE}
    goes_anyhow = message.channel == Channel.PORTAL or bool(message.metadata.get("confirms"))
    return facts | {"goes_anyhow": goes_anyhow}


def _handed_over(clinic, claim, *, is_mine):
    if not is_mine:
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
