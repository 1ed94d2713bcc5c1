"""What becomes of a message: each outcome is written by whoever holds its fence, and nobody else."""

import structlog
from django.db import connection, transaction
from django.utils import timezone

from clinics.audit import SYSTEM, record
from clinics.live import publish
from inbox.answering import count_as_answer
from inbox.conversations import lock_conversation
from inbox.models import ChannelAccount, MessageStatus, UnifiedMessage
from inbox.patience import GRACE, TRY_AGAIN, next_pause
from inbox.reasons import PASSING, SAYS_ACCOUNT_BLOCKED
from inbox.refusals import end_unsent, learn_from_refusal
from inbox.reporting import RANK, apply_early_reports

log = structlog.get_logger("recare.outbox")
MAY_HAVE_GONE = (MessageStatus.SENDING, MessageStatus.UNKNOWN, MessageStatus.PENDING)

ACCEPTED = """
    UPDATE inbox_unifiedmessage
    SET status = 'SENT', status_rank = %(rank)s, external_message_id = %(external_id)s, sent_at = %(now)s,
        status_at = %(now)s, happened_at = %(now)s, segments = %(segments)s, tries = tries + 1, fence = NULL,
        lease_until = NULL, not_before = NULL, reason = '', reason_detail = '', updated_at = %(now)s
    WHERE clinic_id = %(clinic)s AND id = %(accepted)s AND fence = %(accepted_fence)s AND status = 'SENDING'
"""


def accepted(claim, answer):
    """The carrier has the message. An answer that comes late is still true: it is never sent again after it."""
    if is_plainly_accepted(claim) and _write_accepted(claim, answer):
        return claim.message
    return accept_late_or_first(claim, answer)


def is_plainly_accepted(claim):
    """Whether one statement is all that there is to write, if the message is still as this worker has it."""
    return bool(claim.message.metadata.get("counted"))


@transaction.atomic
def accept_late_or_first(claim, answer):
    """The same for a message that somebody else has had in hand since, or by which they are answered only now."""
    message = _lock(claim)
    if message.status not in MAY_HAVE_GONE:
        _remember_id(message, answer)
        return message
    now = timezone.now()
    message.status, message.status_rank = MessageStatus.SENT, RANK[MessageStatus.SENT]
    message.external_message_id = answer.external_id[:255] or None
    message.sent_at = message.status_at = message.happened_at = now
    message.segments = answer.segments or message.segments
    message.tries += 1
    _let_go(message)
    message.not_before, message.reason, message.reason_detail = None, "", ""
    message.save()
    if not message.metadata.get("counted"):  # it was planned for later: now they are answered
        count_as_answer(message, lock_conversation(message.conversation))
    apply_early_reports(message)
    publish(f"conversation-{message.conversation_id}")
    return message


def _write_accepted(claim, answer):
    """Write what nearly always comes, in one statement: tells whether the message was still as this worker had it.

    What the carrier told of it before is applied with the others of the batch (inbox.reporting.apply_reports_before),
    and the sender tells open pages.
    """
    with connection.cursor() as cursor:
        cursor.execute(ACCEPTED, facts_of_accepted(claim, answer))
        return cursor.rowcount == 1


def facts_of_accepted(claim, answer):
    """What the statement ACCEPTED writes of a message, which says the same from now on."""
    message = claim.message
    message.external_message_id = answer.external_id[:255] or None
    message.status = MessageStatus.SENT
    facts = {"clinic": message.clinic_id, "accepted": message.pk, "accepted_fence": claim.fence, "now": timezone.now()}
    facts |= {"rank": RANK[MessageStatus.SENT], "external_id": message.external_message_id}
    return facts | {"segments": answer.segments or message.segments}


def _remember_id(message, answer):
    """A report was faster than the answer: only the carrier's id is still to be learnt."""
    if not message.external_message_id and answer.external_id:
        message.external_message_id = answer.external_id[:255]
        message.save(update_fields=["external_message_id", "updated_at"])
        apply_early_reports(message)


@transaction.atomic
def refused(claim, refusal):
    """The carrier said no (NotSent): it is tried again if that passes, and is final otherwise.

    What is wrong with the account is not held against the message: it waits until the account is looked after.
    """
    message = _lock(claim)
    if not _is_mine(message, claim):
        return message
    learn_from_refusal(message, refusal.code, detail=refusal.detail)
    message.tries += 1
    is_passing = refusal.is_passing or refusal.code in PASSING
    pause = next_pause(TRY_AGAIN, message.tries) if is_passing else None
    if refusal.code in SAYS_ACCOUNT_BLOCKED:
        pause = TRY_AGAIN[0]
    if refusal.retry_after is not None and claim.account is not None:
        resting_until = timezone.now() + refusal.retry_after
        ChannelAccount.objects.filter(pk=claim.account.pk).update(resting_until=resting_until)
    if pause is not None:
        put_off(message, refusal.code, until=timezone.now() + max(pause, refusal.retry_after or pause))
    else:
        fail(message, refusal.code, detail=refusal.detail)
    return message


@transaction.atomic
def in_doubt(claim):
    """Nobody knows whether it went: it is asked for when its carrier has had time to know."""
    message = _lock(claim)
    if _is_mine(message, claim):
        message.tries += 1
        doubt(message, until=timezone.now() + GRACE)
    return message


@transaction.atomic
def give_back(claim, reason=""):
    """It was certainly not handed over: whoever comes next may claim it."""
    message = _lock(claim)
    if _is_mine(message, claim):
        put_off(message, reason, until=timezone.now())
    return message


def put_off(message, reason, *, until, detail=""):
    """Let a (locked) message that has not gone wait until a moment."""
    message.status = MessageStatus.PENDING
    message.not_before, message.reason, message.reason_detail = until, reason, detail[:300]
    message.handed_over_at = None
    _let_go(message)
    message.save()
    publish(f"conversation-{message.conversation_id}")


def hold_back(message, reason, *, detail=""):
    """A rule of ours stands against a (locked) message for good. Records "inbox.message.held_back"."""
    _end(message, MessageStatus.SUPPRESSED, reason, detail, "inbox.message.held_back")


def fail(message, reason, *, detail=""):
    """A (locked) message was refused for good. Records "inbox.message.failed"."""
    _end(message, MessageStatus.FAILED, reason, detail, "inbox.message.failed")


def doubt(message, *, until, reason="no_answer"):
    """It is not known whether a (locked) message went; its carrier is asked at `until`, or nobody any more if None."""
    message.status, message.not_before = MessageStatus.UNKNOWN, until
    message.reason, message.status_at = reason, timezone.now()
    _let_go(message)
    message.save()
    publish(f"conversation-{message.conversation_id}")


def _end(message, status, reason, detail, event):
    message.status, message.status_at, message.not_before = status, timezone.now(), None
    message.reason, message.reason_detail = reason, detail[:300]
    _let_go(message)
    message.save()
    end_unsent(message)
    record(event, message, by=SYSTEM, metadata={"reason": reason})
    publish("inbox", f"conversation-{message.conversation_id}")


def _lock(claim):
    locked = UnifiedMessage.objects.select_for_update(of=("self",)).select_related("conversation")
    return locked.get(pk=claim.message.pk)


def _is_mine(message, claim):
    return message.fence == claim.fence


def _let_go(message):
    message.fence = message.lease_until = None
