"""Messages that a clinic wrote elsewhere, in the carrier's own inbox: they stand in the conversation too."""

from django.db import transaction

from clinics.live import publish
from inbox.addresses import normal_address
from inbox.answering import count_as_answer
from inbox.conversations import conversation_at, remember_address
from inbox.models import Direction, MessageStatus, UnifiedMessage

MAY_BE_READ = (MessageStatus.SENT, MessageStatus.DELIVERED)
IN_HAND = (MessageStatus.SENDING, MessageStatus.UNKNOWN)
AT_MOST = 50


@transaction.atomic
def note_echo(account, *, external_id, address, text, happened_at):
    """Keep what the clinic wrote by a carrier's own means, unless it is an echo of ours; returns the UnifiedMessage.

    None while one of ours with the same words is on its way there: whether it is that one shows in a moment.
    """
    known = UnifiedMessage.objects.filter(account=account, external_message_id=external_id).first()
    if known is not None:
        return known
    address = normal_address(account.channel, address)
    ours = UnifiedMessage.objects.outbound().filter(account=account, address=address, status__in=IN_HAND)
    if ours.exists():
        return None
    conversation = conversation_at(account.channel, address)
    message = UnifiedMessage.objects.create(
        conversation=conversation,
        account=account,
        channel=account.channel,
        direction=Direction.OUTBOUND,
        address=address,
        text=text,
        external_message_id=external_id,
        happened_at=happened_at,
        sent_at=happened_at,
        status=MessageStatus.SENT,
        metadata={"elsewhere": True},
    )
    remember_address(conversation, account.channel, address, outbound_at=happened_at)
    count_as_answer(message, conversation)
    publish("inbox", f"conversation-{conversation.pk}")
    return message


def sent_until(account, address, moment):
    """The last messages to an address by an account that went until a moment and are not known to be read."""
    if moment is None:
        return []
    sent = UnifiedMessage.objects.outbound().filter(account=account, address=address, status__in=MAY_BE_READ)
    return list(sent.filter(sent_at__lte=moment).exclude(external_message_id=None).order_by("-happened_at")[:AT_MOST])
