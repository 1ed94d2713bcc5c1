"""What became of messages whose worker died or whose carrier did not answer: asked for, never guessed."""

import uuid

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from clinics.audit import record
from clinics.tenancy import clinic_scope
from inbox.channels.contract import CannotTell, adapter_for
from inbox.claiming import Claim
from inbox.composing import compose
from inbox.models import MessageStatus, UnifiedMessage
from inbox.outcomes import accepted, doubt, fail, put_off
from inbox.patience import ASK_AGAIN, GRACE, LEASE, TRY_AGAIN, next_pause
from inbox.reporting import RANK, apply_late_matches
from inbox.rules import NotInDoubt

log = structlog.get_logger("recare.outbox")
AT_ONCE = 100


def reconcile_outbox(clinic):
    """Take up what workers left behind, and ask the carriers about what is in doubt; returns how many were settled.

    Any number at once: each message is in the hand of one, and whoever dies here leaves it to the next.
    """
    with clinic_scope(clinic):
        settled = reap_abandoned()
        apply_late_matches()
    while (claim := _claim_doubtful(clinic)) is not None:
        _ask(clinic, claim)
        settled += 1
    return settled


def reap_abandoned():
    """What a dead worker had claimed: not handed over, it waits again; handed over, its carrier is to be asked."""
    now = timezone.now()
    left = UnifiedMessage.objects.filter(status=MessageStatus.SENDING, lease_until__lt=now)
    rows = list(left.select_for_update(of=("self",), skip_locked=True).order_by("pk")[:AT_ONCE])
    for message in rows:
        if message.handed_over_at is None:
            put_off(message, "", until=now)
        else:
            message.tries += 1
            doubt(message, until=max(now, _answerable_from(message)))
    return len(rows)


def _answerable_from(message):
    """From when on a carrier that does not know the message certainly never will."""
    return message.handed_over_at + LEASE + GRACE


def _claim_doubtful(clinic):
    """A message whose carrier is to be asked, fenced for this worker alone; None if there is none."""
    with clinic_scope(clinic):
        now = timezone.now()
        due = UnifiedMessage.objects.filter(status=MessageStatus.UNKNOWN, not_before__lte=now)
        free = due.filter(Q(lease_until=None) | Q(lease_until__lt=now))
        message = free.select_for_update(of=("self",), skip_locked=True).order_by("not_before", "pk").first()
        if message is None:
            return None
        message.fence, message.lease_until = uuid.uuid4(), now + LEASE
        message.save(update_fields=["fence", "lease_until", "updated_at"])
        account = message.account
        if account is not None and account.connection_id:
            account.connection  # noqa: B018 - read while the clinic is open
        return Claim(message, account, message.fence)


def _ask(clinic, claim):
    """Ask the carrier about one message, outside of any transaction, and write down what it says."""
    if claim.account is None:
        _settle(clinic, claim, _leave_to_a_person)
        return
    with clinic_scope(clinic):
        outgoing = compose(claim.message, claim.account, clinic)
    try:
        answer = adapter_for(claim.account).look_up(claim.account, outgoing, since=claim.message.handed_over_at)
    except CannotTell:
        _settle(clinic, claim, _leave_to_a_person)
    except Exception as error:  # the carrier, or the line to it, is down: nothing is learnt, it is asked again
        log.warning("carrier not asked", message_id=str(claim.message.pk), error=type(error).__name__)
        _settle(clinic, claim, _ask_again)
    else:
        if answer is None:
            _settle(clinic, claim, _send_again)
        else:
            with clinic_scope(clinic):
                accepted(claim, answer)


def _settle(clinic, claim, act):
    with clinic_scope(clinic):
        message = UnifiedMessage.objects.select_for_update(of=("self",)).get(pk=claim.message.pk)
        if message.fence == claim.fence and message.status == MessageStatus.UNKNOWN:
            act(message)


def _send_again(message):
    """The carrier proves not to have it, and had the time to know: it goes once more, a few times at most."""
    if timezone.now() < _answerable_from(message):
        doubt(message, until=_answerable_from(message))
        return
    pause = next_pause(TRY_AGAIN, message.tries)
    if pause is None:
        fail(message, "refused")
    else:
        put_off(message, "busy", until=timezone.now() + pause)


def _ask_again(message):
    asked = message.metadata.get("asked", 0) + 1
    message.metadata = message.metadata | {"asked": asked}
    pause = next_pause(ASK_AGAIN, asked)
    if pause is None:
        _leave_to_a_person(message)
    else:
        doubt(message, until=timezone.now() + pause)


def _leave_to_a_person(message):
    doubt(message, until=None, reason="person_decides")


@transaction.atomic
def decide_doubtful(message, *, went, by):
    """Say of a message in doubt whether it went, having asked the person or looked at the carrier's page; returns it.

    One that did not go may be sent again by hand. Records "inbox.message.judged". Raises NotInDoubt.
    """
    message = UnifiedMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if message.status != MessageStatus.UNKNOWN:
        raise NotInDoubt
    record("inbox.message.judged", message, by=by, metadata={"went": bool(went)})
    if not went:
        fail(message, "judged_unsent")
        return message
    message.status, message.status_rank = MessageStatus.SENT, RANK[MessageStatus.SENT]
    message.sent_at = message.status_at = message.handed_over_at
    message.fence = message.lease_until = message.not_before = None
    message.reason = message.reason_detail = ""
    message.save()
    return message
