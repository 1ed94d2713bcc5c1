"""Conversations: list and read them, read what was said in one, and send a message."""

from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from clinics.api_access import needs
from clinics.api_fields import named
from clinics.api_paging import Listed, PageAsked, cut
from clinics.audit import record, record_read
from inbox.api.schemas import ConversationOut, ConversationsAsked, MessageIn, MessageOut
from inbox.finding import find_conversations
from inbox.models import UnifiedConversation
from inbox.planning import plan_message
from inbox.reasons import explain

router = Router(tags=["Conversations"])


@router.get("/conversations", auth=needs("inbox:read"), response=Listed[ConversationOut], summary="List conversations")
def conversation_list(request, response: HttpResponse, asked: Query[ConversationsAsked]):
    """Conversations, the newest word first. That you read them stands on record."""
    fields = asked.model_dump(exclude_none=True, include={"status", "lead", "patient", "assigned_to"})
    rows = UnifiedConversation.objects.present().filter(**fields).for_list()
    if asked.channel:
        rows = rows.over(asked.channel)
    if asked.unread is not None:
        rows = rows.unread() if asked.unread else rows.filter(unread_count=0)
    if asked.text.strip():
        rows = find_conversations(rows, asked.text)
    listed = cut(request, response, rows, asked, draw=lambda page: [conversation_out(each) for each in page])
    record("inbox.conversation.listed", by=request.member, metadata={"count": len(listed["items"])})
    return listed


@router.get("/conversations/{uuid:conversation_id}", auth=needs("inbox:read"), response=ConversationOut, summary="Read")
def conversation_detail(request, conversation_id: str):
    """One conversation. That you read it stands on record."""
    conversation = _found(conversation_id)
    record_read(conversation, by=request.member)
    return conversation_out(conversation)


@router.get(
    "/conversations/{uuid:conversation_id}/messages",
    auth=needs("inbox:read"),
    response=Listed[MessageOut],
    summary="What was said",
)
def message_list(request, response: HttpResponse, conversation_id: str, asked: Query[PageAsked]):
    """The messages of a conversation, the newest first. That you read them stands on record."""
    conversation = _found(conversation_id)
    record_read(conversation, by=request.member)
    rows = conversation.messages.for_thread().select_related("account")
    return cut(request, response, rows, asked, draw=lambda page: [message_out(each) for each in page])


@router.post(
    "/conversations/{uuid:conversation_id}/messages",
    auth=needs("inbox:reply"),
    response={201: MessageOut},
    summary="Send a message",
)
def message_create(request, conversation_id: str, sent: MessageIn):
    """Answer a person on a channel. It goes as what you write on the page does: consent and the rest are looked at."""
    conversation = _found(conversation_id)
    message = plan_message(conversation, by=request.member, dedupe_key=f"api {uuid4()}", **sent.given())
    return Status(201, message_out(message))


def conversation_out(row):
    facts = {name: getattr(row, name) for name in PLAIN}
    return facts | {
        "name": str(row),
        "lead": row.lead_id,
        "patient": row.patient_id,
        "assigned_to": named(row.assigned_to),
        "last_direction": row.last_direction or None,
    }


def message_out(row):
    facts = {name: getattr(row, name) for name in PLAIN_OF_MESSAGE}
    told = None if row.is_inbound else explain(row)
    return facts | {"by": named(row.by), "why": told.text if told else "", "goes_at": told and told.until}


def _found(conversation_id):
    return get_object_or_404(UnifiedConversation.objects.present().for_list(), pk=conversation_id)


PLAIN = (
    "id",
    "status",
    "channels",
    "unread_count",
    "message_count",
    "last_message_at",
    "last_message_preview",
    "waiting_since",
    "answer_due_at",
    "snoozed_until",
    "created_at",
    "updated_at",
)
PLAIN_OF_MESSAGE = (
    "id",
    "channel",
    "direction",
    "kind",
    "address",
    "subject",
    "text",
    "happened_at",
    "is_automatic",
    "status",
    "attachment_count",
)
