"""What a carrier's refusal teaches about an address or an account, and what becomes of those who wait for an answer."""

from django.utils import timezone

from clinics.audit import SYSTEM
from inbox.answering import take_back_answer
from inbox.consent import opt_out, suppress
from inbox.models import ChannelAccount, ConsentSource, SuppressionReason
from inbox.reasons import (
    REASONS,
    SAYS_ACCOUNT_BLOCKED,
    SAYS_BOUNCE,
    SAYS_COMPLAINT,
    SAYS_OPTED_OUT,
    SAYS_UNREACHABLE,
)

LEARNT = [
    (SAYS_UNREACHABLE, SuppressionReason.UNREACHABLE),
    (SAYS_BOUNCE, SuppressionReason.BOUNCE),
    (SAYS_COMPLAINT, SuppressionReason.COMPLAINT),
]


def learn_from_refusal(message, reason, *, detail=""):
    """Write down what a refusal says beyond the one message: they opted out, the address is dead, the account barred.

    In the transaction that stores the outcome.
    """
    channel, address = message.channel, message.address
    if reason in SAYS_OPTED_OUT:
        proof = {"reason": reason, "detail": detail[:200]}
        opt_out(channel, address, source=ConsentSource.PROVIDER, message=message, proof=proof, detail=detail)
    for reasons, suppressed in LEARNT:
        if reason in reasons:
            suppress(channel, address, suppressed, message=message, detail=detail)
    if message.account_id and reason in SAYS_ACCOUNT_BLOCKED:
        block_account(message.account_id, reason, detail)


def block_account(account_id, reason, detail=""):
    """Send nothing more by an account until somebody has looked at it."""
    words = f"{REASONS[reason]} {detail}".strip()[:200]
    ChannelAccount.objects.filter(pk=account_id, blocked_reason="").update(
        blocked_reason=words, last_error=words, last_error_at=timezone.now(), updated_at=timezone.now()
    )


def end_unsent(message):
    """A (locked, saved) message will not arrive: whoever it answered waits again."""
    take_back_answer(message, by=SYSTEM)
