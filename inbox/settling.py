"""Deciding what somebody meant who seems to want no more messages: a person reads it, the rest follows."""

from django.db import transaction

from clinics.background import wake_for_all
from inbox.consent import lift_suppression, opt_out
from inbox.models import ConsentSource, MessageStatus, Suppression, SuppressionReason, UnifiedMessage
from inbox.rules import NotARefusal


@transaction.atomic
def settle_refusal(suppression, *, refuses, by):
    """Say whether words that sound like a refusal are one; returns the Suppression, lifted.

    If they are, they count as STOP from the moment they were read. If not, what was held back goes on. Twice is once.
    Records "inbox.address.released", and as opt_out does. Raises NotARefusal for an address stopped otherwise.
    """
    if suppression.reason != SuppressionReason.REFUSAL:
        raise NotARefusal
    row = Suppression.objects.select_for_update(of=("self",)).select_related("message").get(pk=suppression.pk)
    if row.lifted_at is not None:
        return row
    if refuses:
        proof = {"words": row.detail, "message": str(row.message_id or "")}
        opt_out(row.channel, row.address, source=ConsentSource.MESSAGE, by=by, message=row.message, proof=proof)
    row = lift_suppression(row, why="read: a refusal" if refuses else "read: no refusal", by=by)
    if not refuses:
        _let_go_on(row)
    return row


def _let_go_on(row):
    """What was held back for this is looked at now, not in an hour."""
    held = UnifiedMessage.objects.filter(
        channel=row.channel, address=row.address, status=MessageStatus.PENDING, reason="refusal_to_read"
    )
    held.update(not_before=row.lifted_at, updated_at=row.lifted_at)
    wake_for_all("inbox.tasks.drain_outbox")
