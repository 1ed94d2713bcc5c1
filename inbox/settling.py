"""Deciding what somebody meant who seems to want no more messages: a person reads it, the rest follows."""

from contextlib import suppress

from django.db import transaction

from clinics.background import wake_for_all
from inbox.consent import lift_suppression, opt_out
from inbox.hearing import confirm_refusal
from inbox.models import ConsentSource, MessageStatus, Suppression, SuppressionReason, UnifiedMessage
from inbox.refusal_words import STOP, keyword_in
from inbox.rules import NoAccount, NobodyToWriteTo, NotARefusal


@transaction.atomic
def settle_refusal(suppression, *, refuses, by, places=()):
    """Say whether words that sound like a refusal are one; returns the Suppression, lifted.

    If they are, they count as STOP for `places`, pairs of channel and address, or where nothing is chosen for all that
    was held back, and one text confirms it. What is not stopped goes on. Twice is once. Records
    "inbox.address.released", and as opt_out does. Raises NotARefusal for an address stopped otherwise.
    """
    if suppression.reason != SuppressionReason.REFUSAL:
        raise NotARefusal
    row = (
        Suppression.objects.select_for_update(of=("self",))
        .select_related("message__conversation")
        .get(pk=suppression.pk)
    )
    if row.lifted_at is not None:
        return row
    held = [row, *_others_held(row)]
    ended = list(places) or [(each.channel, each.address) for each in held] if refuses else []
    proof = {"words": row.detail, "message": str(row.message_id or "")}
    for channel, address in ended:
        opt_out(channel, address, source=ConsentSource.MESSAGE, by=by, message=row.message, proof=proof)
    lifted = [lift_suppression(each, why="read: a refusal" if refuses else "read: no refusal", by=by) for each in held]
    for each in lifted:
        if (each.channel, each.address) not in ended:
            _let_go_on(each)
    if row.message is not None and (row.message.channel, row.message.address) in ended:
        _confirm(row.message)
    return lifted[0]


def _others_held(row):
    """What else the same message holds back."""
    if row.message_id is None:
        return []
    same = Suppression.objects.standing().filter(message=row.message_id, reason=SuppressionReason.REFUSAL)
    return list(same.exclude(pk=row.pk).select_for_update(of=("self",)).order_by("pk"))


def _confirm(message):
    """One text says that it was understood, unless they wrote STOP as well, which was confirmed then."""
    if keyword_in(message.text or message.subject) != STOP:
        with suppress(NoAccount, NobodyToWriteTo):
            confirm_refusal(message)


def _let_go_on(row):
    """What was held back for this is looked at now, not in an hour."""
    held = UnifiedMessage.objects.filter(
        channel=row.channel, address=row.address, status=MessageStatus.PENDING, reason="refusal_to_read"
    )
    held.update(not_before=row.lifted_at, updated_at=row.lifted_at)
    wake_for_all("inbox.tasks.drain_outbox")
