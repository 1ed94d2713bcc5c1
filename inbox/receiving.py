"""What people write to the clinic, by whatever channel, becomes a message in the one conversation with them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clinics.audit import SYSTEM, record
from clinics.background import wake
from clinics.business_hours import hours_of
from clinics.live import publish
from crm.activities import log_activity
from crm.models import Direction as LeadDirection
from crm.models import Lead
from inbox.addresses import normal_address
from inbox.conversations import conversation_at, lock_conversation, remember_address
from inbox.hearing import hear
from inbox.models import (
    ChannelAccount,
    ConversationStatus,
    Direction,
    InboxSettings,
    MessageAttachment,
    MessageKind,
    MessageStatus,
    UnifiedConversation,
    UnifiedMessage,
)
from inbox.previews import activity_type_of, preview_of


@dataclass(frozen=True)
class Media:
    """A file that comes with a message, still at the carrier: fetched afterwards, by a task."""

    url: str
    content_type: str = ""
    name: str = ""


@dataclass(frozen=True)
class Incoming:
    """One message as a channel's adapter understood it. `external_id` is unique within the account.

    `metadata` may hold "opt_out_type": STOP, START or HELP, as the carrier itself read it (and answered it).
    """

    external_id: str
    address: str
    text: str = ""
    happened_at: datetime | None = None
    display_name: str = ""
    subject: str = ""
    full_text: str = ""
    html: str = ""
    in_reply_to: str = ""
    answers: tuple = ()  # ids of messages that it answers, the nearest first: it belongs where these are
    kind: str = MessageKind.TEXT
    is_automatic: bool = False
    duration_seconds: int | None = None
    media: tuple = ()
    metadata: dict = field(default_factory=dict)


@transaction.atomic
def receive_message(account, incoming):
    """Take in one message; returns the UnifiedMessage, and the one known before if it was told already.

    The conversation is found by the address, reopened and marked unread, and its clock for the first answer starts. On
    a lead's page it is an activity. STOP and its like hold from this transaction on (inbox.hearing). Records
    "inbox.message.received", to which the marks of mood and notices react.
    """
    known = UnifiedMessage.objects.filter(account=account, external_message_id=incoming.external_id).first()
    if known is not None:
        return known
    address = normal_address(account.channel, incoming.address)
    conversation = _conversation_answered(account, incoming.answers)
    conversation = conversation or conversation_at(account.channel, address, display_name=incoming.display_name)
    moment = min(incoming.happened_at or timezone.now(), timezone.now())
    message = UnifiedMessage(
        conversation=conversation,
        account=account,
        channel=account.channel,
        direction=Direction.INBOUND,
        kind=incoming.kind,
        address=address,
        subject=incoming.subject[:300],
        text=incoming.text,
        full_text=incoming.full_text if incoming.full_text != incoming.text else "",
        html=incoming.html,
        external_message_id=incoming.external_id[:255],
        in_reply_to=incoming.in_reply_to[:255],
        metadata=incoming.metadata,
        happened_at=moment,
        is_automatic=incoming.is_automatic,
        duration_seconds=incoming.duration_seconds,
        attachment_count=len(incoming.media),
        status=MessageStatus.RECEIVED,
    )
    [stored] = UnifiedMessage.objects.bulk_create([message], ignore_conflicts=True)
    if not UnifiedMessage.objects.filter(pk=stored.pk).exists():  # told twice at the very same moment
        return UnifiedMessage.objects.get(account=account, external_message_id=incoming.external_id[:255])
    remember_address(conversation, account.channel, address, display_name=incoming.display_name, inbound_at=moment)
    _keep_media(message, incoming.media)
    _show_in_list(conversation, message)
    _show_on_lead(message)
    ChannelAccount.objects.filter(pk=account.pk).update(last_in_at=timezone.now())
    hear(message)
    record("inbox.message.received", message, by=SYSTEM, metadata={"channel": account.channel})
    publish("inbox", f"conversation-{conversation.pk}")
    return message


def _conversation_answered(account, answers):
    """The conversation, locked, that holds one of the messages which are answered; None if none is known."""
    ids = [each for each in answers if each][:20]
    if not ids:
        return None
    known = UnifiedMessage.objects.filter(account=account, external_message_id__in=ids, conversation__deleted_at=None)
    found = known.order_by("-happened_at", "-pk").select_related("conversation").first()
    return lock_conversation(found.conversation) if found else None


def _keep_media(message, media):
    MessageAttachment.objects.bulk_create(
        MessageAttachment(
            message=message,
            name=(each.name or each.url.rsplit("/", 1)[-1])[:120] or "file",
            content_type=each.content_type[:80],
            source_url=each.url[:1000],
            stored_as="",
            size_bytes=0,
            digest="",
        )
        for each in media
    )
    if media:
        wake("inbox.tasks.fetch_media", message.pk)


def _show_in_list(conversation, message):
    """Bring a conversation to the top of the list, unread, and open again; an automatic answer starts no clock."""
    is_newest = conversation.message_count == 0 or message.happened_at >= conversation.last_message_at
    changed = {
        "unread_count": F("unread_count") + 1,
        "message_count": F("message_count") + 1,
        "channels": sorted({*conversation.channels, message.channel}),
    }
    if is_newest:
        changed |= {
            "last_message_at": message.happened_at,
            "last_message_preview": preview_of(message),
            "last_direction": Direction.INBOUND,
            "last_channel": message.channel,
        }
    if not message.is_automatic:
        if conversation.status != ConversationStatus.ACTIVE:
            changed |= {"status": ConversationStatus.ACTIVE, "resolved_at": None}
        changed["snoozed_until"] = None
        if conversation.waiting_since is None:
            changed |= {"waiting_since": message.happened_at, "answer_due_at": _answer_due(conversation, message)}
    UnifiedConversation.objects.filter(pk=conversation.pk).update(**changed, updated_at=timezone.now())
    if conversation.lead_id:
        Lead.objects.filter(pk=conversation.lead_id).update(unread_count=F("unread_count") + 1)


def _answer_due(conversation, message):
    """Until when somebody of the clinic is to have answered, in the business hours of the person's location."""
    rules = InboxSettings.objects.first() or InboxSettings()
    hours = hours_of(conversation.clinic, conversation.location_id)
    return hours.add(message.happened_at, timedelta(minutes=rules.answer_within_minutes))


def _show_on_lead(message):
    lead = message.conversation.lead
    if (
        lead is None or lead.is_locked or lead.deleted_at or "activity" in message.metadata
    ):  # a call stands there already
        return
    key = f"message {message.pk}"
    log_activity(
        lead,
        activity_type_of(message),
        by=SYSTEM,
        key=key,
        direction=LeadDirection.INBOUND,
        occurred_at=message.happened_at,
        notes=preview_of(message),
        payload={"message": str(message.pk), "channel": message.channel, "automatic": message.is_automatic},
    )
