"""Claiming what is due: checked and fenced in one transaction, which is committed before anything is handed over."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, models
from django.db.models import Q
from django.utils import timezone

from clinics.writing import update_rows
from inbox.composing import digest_of
from inbox.guarding import Guard
from inbox.models import ChannelAccount, Direction, InboxSettings, MessageStatus, Purpose, UnifiedMessage
from inbox.outcomes import fail, hold_back, put_off
from inbox.patience import HELD
from inbox.rates import bucket_of, cost_of

AT_ONCE = 50  # messages that a worker claims together; those it does not come to go back unharmed
MOST_AT_ONCE = 150  # that are claimed together where they go quickly
LOOKED_AT = 200  # due messages that one claim looks at, at most: each that may not go yet is put off
BEFORE_OTHERS = (Purpose.REPLY, Purpose.CARE, Purpose.NEWS)  # an answer never waits behind a campaign

CLAIMED = """
    UPDATE inbox_unifiedmessage message
    SET status = 'SENDING', fence = claimed.fence, segments = claimed.segments, body_digest = claimed.digest,
        happened_at = %(now)s, claimed_at = %(now)s, updated_at = %(now)s, lease_until = %(until)s,
        handed_over_at = NULL, reason = '', reason_detail = ''
    FROM unnest(%(ids)s::uuid[], %(fences)s::uuid[], %(segments)s::int[], %(digests)s::text[])
        claimed (id, fence, segments, digest)
    WHERE message.clinic_id = %(clinic)s AND message.id = claimed.id
"""


@dataclass(frozen=True)
class Claim:
    """A message that this worker, and no other, may hand over while its fence stands."""

    message: UnifiedMessage
    account: ChannelAccount
    fence: uuid.UUID


def claim_due(clinic, *, at_most=AT_ONCE):
    """Claim what is due and may go now; returns (list of Claim, whether more may be due). In a transaction of its own.

    What may not go is put off, or held back for good, with its reason; an account that is blocked, rests or has used
    up its rate is passed over, as is everything during an emergency stop.
    """
    now = timezone.now()
    rules = InboxSettings.objects.first() or InboxSettings()
    if rules.stopped_at:
        return [], False
    claims, is_more = [], False
    for account in _accounts_at_hand(now):
        bucket = bucket_of(account, now)
        due = _due_by(account, now, min(at_most - len(claims), LOOKED_AT)) if bucket.is_open else []
        if not due:
            continue
        is_more = True
        guard, before = Guard(clinic, rules, account, due, now), {message.pk: message.metadata for message in due}
        for message in due:
            if message.body_digest and message.body_digest != digest_of(message):
                fail(message, "changed_underway")
                continue
            cost = cost_of(message)
            if not bucket.take(cost):
                break
            verdict = guard.verdict(message)
            if verdict.goes:
                claims.append(_claim(message, account, verdict, cost, now))
            else:
                bucket.give_back(cost)
                _set_aside(message, verdict, now)
        mine = [claim.message for claim in claims if claim.account is account]
        _write_claimed(mine)
        update_rows([message for message in mine if message.metadata is not before[message.pk]], ["metadata"])
        bucket.store()
        guard.store()
        if len(claims) >= at_most:
            break
    return claims, is_more and (bool(claims) or _is_anything_due(now))


def _accounts_at_hand(now):
    """The accounts by which something is due and may go, each locked: their rates are counted by one at a time."""
    waiting = UnifiedMessage.objects.filter(
        account=models.OuterRef("pk"), status__in=(MessageStatus.PLANNED, MessageStatus.PENDING), not_before__lte=now
    )
    usable = ChannelAccount.objects.active().filter(models.Exists(waiting), blocked_reason="")
    rested = usable.filter(Q(resting_until=None) | Q(resting_until__lte=now))
    return rested.select_related("connection").select_for_update(of=("self",), no_key=True).order_by("pk")


def _due_by(account, now, at_most):
    """The messages of an account that are due, locked, answers before care before news; those of others are skipped."""
    due = []
    for purpose in BEFORE_OTHERS:
        waiting = UnifiedMessage.objects.filter(
            account=account,
            purpose=purpose,
            direction=Direction.OUTBOUND,
            status__in=(MessageStatus.PLANNED, MessageStatus.PENDING),
            not_before__lte=now,
        )
        locked = waiting.select_for_update(of=("self",), skip_locked=True)
        due += locked.order_by("not_before", "pk")[: at_most - len(due)]
        if len(due) >= at_most:
            break
    return due


def _claim(message, account, verdict, cost, now):
    message.status, message.fence = MessageStatus.SENDING, uuid.uuid4()
    message.happened_at = message.claimed_at = now
    message.lease_until, message.handed_over_at = now + HELD, None
    message.segments, message.reason, message.reason_detail = cost, "", ""
    message.body_digest = digest_of(message)
    if verdict.consent is not None:
        message.metadata = message.metadata | {"consent": str(verdict.consent.pk)}
    if verdict.tag:
        message.metadata = message.metadata | {"tag": verdict.tag}
    return Claim(message, account, message.fence)


def _write_claimed(messages):
    """Write what _claim has made of some messages, in one statement; most of it is the same for all of them."""
    if not messages:
        return
    first = messages[0]
    facts = {"clinic": first.clinic_id, "now": first.claimed_at, "until": first.lease_until}
    for name, values in zip(
        ("ids", "fences", "segments", "digests"),
        zip(*((each.pk, each.fence, each.segments, each.body_digest) for each in messages), strict=True),
        strict=True,
    ):
        facts[name] = list(values)
    with connection.cursor() as cursor:
        cursor.execute(CLAIMED, facts)


def _set_aside(message, verdict, now):
    if verdict.until is not None:
        put_off(message, verdict.reason, until=max(verdict.until, now + timedelta(seconds=1)), detail=verdict.detail)
    else:
        hold_back(message, verdict.reason, detail=verdict.detail)


def _is_anything_due(now):
    waiting = UnifiedMessage.objects.filter(status__in=(MessageStatus.PLANNED, MessageStatus.PENDING))
    return waiting.filter(not_before__lte=now, account__is_active=True, account__blocked_reason="").exists()
