"""Planning what is to be sent: one intent is one message, however often it is asked for; taken back while it waits."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from clinics.audit import SYSTEM, record
from clinics.background import wake_for_all
from clinics.live import publish
from inbox.addresses import address_of, normal_address
from inbox.answering import count_as_answer, take_back_answer
from inbox.conversations import lock_conversation, remember_address
from inbox.models import (
    Channel,
    ChannelAccount,
    Direction,
    MessageAttachment,
    MessageStatus,
    Purpose,
    UnifiedMessage,
)
from inbox.models.choices import PHONE_CHANNELS
from inbox.rules import AlreadyGone, NoAccount, NobodyToWriteTo, NothingToSay, NotToBeSentAgain

UNDO_SECONDS = 10
WAITING = (MessageStatus.PLANNED, MessageStatus.PENDING)
ENDED_UNSENT = (MessageStatus.FAILED, MessageStatus.SUPPRESSED, MessageStatus.CANCELLED)


@transaction.atomic
def plan_message(
    conversation,
    *,
    channel,
    text,
    by,
    dedupe_key,
    purpose=Purpose.REPLY,
    subject="",
    html="",
    account=None,
    address=None,
    not_before=None,
    expires_at=None,
    in_reply_to=None,
    template=None,
    attachments=(),
    is_automatic=False,
    undo_seconds=UNDO_SECONDS,
):
    """Plan one message to whom a conversation is held with; returns the UnifiedMessage, the same for the same key.

    It goes at `not_before`; at once if nothing is said, a member's own after the seconds in which it can be taken back.
    `account` and `address` default to those that were last used with them. `template` is {"id", "language", "values"}
    of an approved one; `attachments` are MessageAttachment rows that belong to no message yet. What a person writes
    answers whoever waits, and is the clinic's contact with a lead. Records "inbox.message.planned"; after the commit
    the sender is woken. Raises NobodyToWriteTo, NoAccount, NothingToSay.
    """
    conversation = lock_conversation(conversation)
    known = UnifiedMessage.objects.filter(dedupe_key=dedupe_key).first()
    if known is not None:
        return known
    if not (text.strip() or html or template or attachments):
        raise NothingToSay
    address = normal_address(channel, address) if address else address_to_write_to(conversation, channel)
    if not address:
        raise NobodyToWriteTo
    account = account or account_to_send_by(conversation, channel)
    now = timezone.now()
    is_by_hand = by is not SYSTEM and not is_automatic
    due = not_before or now + timedelta(seconds=undo_seconds if is_by_hand else 0)
    message = UnifiedMessage.objects.create(
        conversation=conversation,
        account=account,
        channel=channel,
        direction=Direction.OUTBOUND,
        address=address,
        subject=subject[:300],
        text=text,
        html=html,
        in_reply_to=(in_reply_to or "")[:255],
        metadata={"template": template} if template else {},
        happened_at=max(now, not_before or now),
        by=None if is_automatic else by,
        is_automatic=not is_by_hand,
        attachment_count=len(attachments),
        status=MessageStatus.PLANNED,
        purpose=purpose,
        dedupe_key=dedupe_key,
        not_before=due,
        expires_at=expires_at,
    )
    if attachments:
        rows = MessageAttachment.objects.filter(pk__in=[each.pk for each in attachments], message=None)
        rows.update(message=message, updated_at=now)
    remember_address(conversation, channel, address, outbound_at=now)
    if not_before is None or not_before <= now:
        count_as_answer(message, conversation)
    record("inbox.message.planned", message, by=by, metadata={"channel": channel, "purpose": purpose})
    wake_for_all("inbox.tasks.drain_outbox")
    publish("inbox", f"conversation-{conversation.pk}")
    return message


@transaction.atomic
def cancel_message(message, *, by):
    """Take back a message that has not been handed over; returns it. Whoever waited for the answer waits again.

    Records "inbox.message.cancelled". Raises AlreadyGone once it is being sent.
    """
    message = UnifiedMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if message.status == MessageStatus.CANCELLED:
        return message
    if message.status not in WAITING:
        raise AlreadyGone
    message.status, message.status_at = MessageStatus.CANCELLED, timezone.now()
    message.save(update_fields=["status", "status_at", "updated_at"])
    take_back_answer(message, by=by)
    record("inbox.message.cancelled", message, by=by)
    publish("inbox", f"conversation-{message.conversation_id}")
    return message


@transaction.atomic
def resend_message(message, *, by):
    """Plan the same words once more after a message failed, was held back or taken back; returns the new message.

    Asked twice it is planned once. Records as plan_message. Raises NotToBeSentAgain for one that went or may have gone.
    """
    message = UnifiedMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if message.direction != Direction.OUTBOUND or message.status not in ENDED_UNSENT:
        raise NotToBeSentAgain
    again = plan_message(
        message.conversation,
        channel=message.channel,
        text=message.text,
        by=by,
        dedupe_key=f"again {message.pk}",
        purpose=message.purpose,
        subject=message.subject,
        html=message.html,
        address=message.address,
        in_reply_to=message.in_reply_to,
        template=message.metadata.get("template"),
        attachments=_copies_of_attachments(message),
    )
    return again


def address_to_write_to(conversation, channel):
    """Where the person of a conversation is reached on a channel: where they last wrote from, else what is known of
    them; "" if nowhere."""
    return best_address(conversation, channel, list(conversation.addresses.filter(channel=channel)))


def best_address(conversation, channel, rows):
    """The same where the addresses of a conversation (ConversationAddress rows) are at hand."""
    if channel == Channel.PORTAL:
        return str(conversation.patient_id or "")
    used = sorted((row for row in rows if row.channel == channel), key=_last_used, reverse=True)
    heard_from = next((row.address for row in used if row.last_inbound_at), "")
    person = conversation.person
    known = address_of(person, channel) if person is not None else ""
    if not heard_from and not known and conversation.unknown_address:
        is_same_kind = {channel, conversation.unknown_channel} <= set(PHONE_CHANNELS)
        known = conversation.unknown_address if is_same_kind or channel == conversation.unknown_channel else ""
    return heard_from or known or next((row.address for row in used), "")


def _last_used(row):
    never = datetime.min.replace(tzinfo=UTC)
    return (row.last_inbound_at or never, row.last_outbound_at or never, row.pk)


def account_to_send_by(conversation, channel):
    """The account that a message goes by: the one last used with them, else their location's, else the one taken first.

    Raises NoAccount.
    """
    accounts = list(ChannelAccount.objects.on(channel))
    by_id = {account.pk: account for account in accounts}
    said = conversation.messages.filter(channel=channel, account__in=accounts).order_by("-happened_at", "-pk")
    used = by_id.get(said.values_list("account", flat=True).first())
    near = next((each for each in accounts if each.location_id and each.location_id == conversation.location_id), None)
    account = used or near or next(iter(accounts), None)
    if account is None:
        raise NoAccount
    return account


def _copies_of_attachments(message):
    """The same files for another message; both rows name the one that is stored."""
    return MessageAttachment.objects.bulk_create(
        MessageAttachment(
            name=each.name,
            stored_as=each.stored_as,
            content_type=each.content_type,
            size_bytes=each.size_bytes,
            digest=each.digest,
            added_by_id=each.added_by_id,
        )
        for each in message.attachments.filter(deleted_at=None)
    )
