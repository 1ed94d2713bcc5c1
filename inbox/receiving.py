"""What people write to the clinic, by whatever channel, becomes a message in the one conversation with them."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clinics.audit import SYSTEM, record_many
from clinics.background import wake
from clinics.business_hours import hours_of
from clinics.live import publish
from clinics.writing import update_rows
from crm.activities import log_incoming
from crm.models import Lead
from inbox.addresses import normal_address
from inbox.conversations import conversation_at, conversations_at, lock_conversation, remember_heard
from inbox.hearing import hear
from inbox.models import (
    ChannelAccount,
    ConversationStatus,
    Direction,
    InboxSettings,
    MessageAttachment,
    MessageKind,
    MessageStatus,
    UnifiedMessage,
)
from inbox.previews import activity_type_of, preview_of
from inbox.satisfaction import answer_question, questions_answered_by

SHOWN = [
    "unread_count", "message_count", "channels", "last_message_at", "last_message_preview", "last_direction",
    "last_channel", "status", "resolved_at", "snoozed_until", "waiting_since", "answer_due_at", "updated_at",
]  # fmt: skip


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


def receive_message(account, incoming):
    """Take in one message, as receive_messages does; returns the UnifiedMessage."""
    [message] = receive_messages(account, [incoming])
    return message


@transaction.atomic
def receive_messages(account, told):
    """Take in what was told to one account, in its order; returns the UnifiedMessage of each.

    What was told already is the message known before. The conversation is found by the address, reopened and marked
    unread, and its clock for the first answer starts. On a lead's page it is an activity. STOP and its like hold from
    this transaction on (inbox.hearing). However many there are, they take the same number of statements, but for those
    who write for the first time and those who ask for something. Records "inbox.message.received", to which the marks
    of mood and notices react.
    """
    known, fresh = _known(account, told), {}
    for incoming in told:
        if _id_of(incoming) not in known:
            fresh.setdefault(_id_of(incoming), incoming)
    if fresh:
        _take_in(account, list(fresh.values()))
        known |= _known(account, fresh.values())
    return [known[_id_of(incoming)] for incoming in told]


def _id_of(incoming):
    return incoming.external_id[:255]


def _known(account, told):
    rows = UnifiedMessage.objects.filter(account=account, external_message_id__in={_id_of(each) for each in told})
    return {row.external_message_id: row for row in rows}


def _take_in(account, told):
    conversations = _conversations_of(account, told)
    rows = [_message(account, *each) for each in zip(told, conversations, strict=True)]
    UnifiedMessage.objects.bulk_create(rows, ignore_conflicts=True)
    here = set(UnifiedMessage.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    media = {row.pk: incoming.media for row, incoming in zip(rows, told, strict=True)}
    names = {row.pk: incoming.display_name for row, incoming in zip(rows, told, strict=True)}
    messages = [row for row in rows if row.pk in here]  # the others are told twice at the very same moment
    if not messages:
        return
    remember_heard(account.channel, [(m.conversation, m.address, names[m.pk], m.happened_at) for m in messages])
    _keep_media(messages, media)
    answers = questions_answered_by(messages)  # how content they are: nobody has to read that
    _show_on_leads(messages, answers)
    _show_in_list(messages, answers)
    ChannelAccount.objects.filter(pk=account.pk).update(last_in_at=timezone.now())
    about = [(message, None, None) for message in messages]
    record_many("inbox.message.received", about, by=SYSTEM, metadata={"channel": account.channel})
    publish("inbox", *sorted({f"conversation-{message.conversation_id}" for message in messages}))
    for message in messages:
        if message.pk in answers:
            answer_question(*answers[message.pk])
        else:
            hear(message)


def _message(account, incoming, conversation):
    return UnifiedMessage(
        conversation=conversation,
        account=account,
        channel=account.channel,
        direction=Direction.INBOUND,
        kind=incoming.kind,
        address=normal_address(account.channel, incoming.address),
        subject=incoming.subject[:300],
        text=incoming.text,
        full_text=incoming.full_text if incoming.full_text != incoming.text else "",
        html=incoming.html,
        external_message_id=_id_of(incoming),
        in_reply_to=incoming.in_reply_to[:255],
        metadata=incoming.metadata,
        happened_at=min(incoming.happened_at or timezone.now(), timezone.now()),
        is_automatic=incoming.is_automatic,
        duration_seconds=incoming.duration_seconds,
        attachment_count=len(incoming.media),
        status=MessageStatus.RECEIVED,
    )


def _conversations_of(account, told):
    """The conversation of each, locked: where what it answers is, else where its address is; one object each."""
    answered = _conversations_answered(account, told)
    names = {}
    for incoming, found in zip(told, answered, strict=True):
        if found is None:
            address = normal_address(account.channel, incoming.address)
            names[address] = names.get(address) or incoming.display_name
    if len(names) == 1:
        at = {address: conversation_at(account.channel, address, display_name=name) for address, name in names.items()}
    else:
        at = conversations_at(account.channel, names) if names else {}
    by_id, each_of = {}, []
    for incoming, found in zip(told, answered, strict=True):
        conversation = found or at[normal_address(account.channel, incoming.address)]
        conversation.clinic = account.clinic
        each_of.append(by_id.setdefault(conversation.pk, conversation))
    return each_of


def _conversations_answered(account, told):
    """For each the conversation, locked, that holds one of the messages which it answers; None if none is known."""
    ids = {each for incoming in told for each in incoming.answers[:20] if each}
    if not ids:
        return [None] * len(told)
    known = UnifiedMessage.objects.filter(account=account, external_message_id__in=ids, conversation__deleted_at=None)
    newest = list(known.order_by("-happened_at", "-pk").select_related("conversation"))
    locked = {row.conversation_id: row.conversation for row in newest}
    locked = {pk: lock_conversation(locked[pk]) for pk in sorted(locked)}
    places = {row.external_message_id: place for place, row in reversed(list(enumerate(newest)))}
    best = [min((places[each] for each in incoming.answers[:20] if each in places), default=None) for incoming in told]
    return [None if place is None else locked[newest[place].conversation_id] for place in best]


def _keep_media(messages, media):
    with_files = [message for message in messages if media[message.pk]]
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
        for message in with_files
        for each in media[message.pk]
    )
    for message in with_files:
        wake("inbox.tasks.fetch_media", message.pk)


def _show_in_list(messages, answers):
    """Bring (locked) conversations to the top of the list, unread, and open again but for `answers`."""
    rules = InboxSettings.objects.first() or InboxSettings()
    for message in messages:
        _show(message, message.conversation, rules, is_news=message.pk not in answers)
    update_rows(list({message.conversation_id: message.conversation for message in messages}.values()), SHOWN)


def _show(message, conversation, rules, *, is_news):
    """A conversation as it stands with one message more; an automatic answer starts no clock."""
    if conversation.message_count == 0 or message.happened_at >= conversation.last_message_at:
        conversation.last_message_at, conversation.last_message_preview = message.happened_at, preview_of(message)
        conversation.last_direction, conversation.last_channel = Direction.INBOUND, message.channel
    conversation.unread_count += is_news
    conversation.message_count += 1
    conversation.channels = sorted({*conversation.channels, message.channel})
    if message.is_automatic or not is_news:
        return
    if conversation.status != ConversationStatus.ACTIVE:
        conversation.status, conversation.resolved_at = ConversationStatus.ACTIVE, None
    conversation.snoozed_until = None
    if conversation.waiting_since is None:
        hours = hours_of(conversation.clinic, conversation.location_id)
        conversation.waiting_since = message.happened_at
        conversation.answer_due_at = hours.add(message.happened_at, timedelta(minutes=rules.answer_within_minutes))


def _show_on_leads(messages, answers):
    """Each stands on the page of its lead, unless a call stands there already, and but for `answers` is not read."""
    of_leads = [message for message in messages if message.conversation.lead_id]
    if not of_leads:
        return
    log_incoming(
        [
            (message.conversation.lead_id, activity_type_of(message), f"message {message.pk}", _told_on_page(message))
            for message in of_leads
            if "activity" not in message.metadata
        ]
    )
    counted = Counter(message.conversation.lead_id for message in of_leads if message.pk not in answers)
    for number in sorted(set(counted.values())):
        ids = [lead_id for lead_id, many in counted.items() if many == number]
        Lead.objects.filter(pk__in=ids).update(unread_count=F("unread_count") + number)


def _told_on_page(message):
    said = {"message": str(message.pk), "channel": message.channel, "automatic": message.is_automatic}
    return {"occurred_at": message.happened_at, "notes": preview_of(message), "payload": said}
