"""Conversations and messages, as the API takes and gives them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Schema

from clinics.api_fields import Moment, Named, Sent, text
from clinics.api_paging import PageAsked
from inbox.models import Channel, ConversationStatus, Direction, MessageKind, MessageStatus

WrittenChannel = Literal["SMS", "WHATSAPP", "EMAIL", "FACEBOOK_MESSENGER", "INSTAGRAM_DM", "PORTAL"]


class ConversationOut(Schema):
    id: UUID
    name: str = Field(description="With whom it is held; an address where nobody knows.")
    lead: UUID | None
    patient: UUID | None
    status: ConversationStatus
    assigned_to: Named | None
    channels: list[Channel]
    unread_count: int = Field(examples=[0])
    message_count: int = Field(examples=[1])
    last_message_at: datetime
    last_message_preview: str
    last_direction: Direction | None
    waiting_since: datetime | None = Field(description="Since when they wait for an answer.")
    answer_due_at: datetime | None = Field(description="By when somebody is to have answered, in business hours.")
    snoozed_until: datetime | None
    created_at: datetime
    updated_at: datetime


class ConversationsAsked(PageAsked):
    status: ConversationStatus | None = None
    lead: UUID | None = None
    patient: UUID | None = None
    assigned_to: UUID | None = None
    channel: Channel | None = Field(None, description="Held over this channel, whatever else it was held over.")
    unread: bool | None = Field(None, description="With words that nobody has read, or without.")
    text: str = Field("", max_length=100, description="Words that were said, or by which the person is found.")


class MessageOut(Schema):
    id: UUID
    channel: Channel
    direction: Direction
    kind: MessageKind
    address: str
    subject: str
    text: str
    happened_at: datetime
    by: Named | None = Field(description="Who of the clinic wrote it.")
    is_automatic: bool
    status: MessageStatus
    why: str = Field(description="Why one of ours has not gone, went, or failed, in words.")
    goes_at: datetime | None = Field(description="When one of ours is looked at next, while it waits.")
    attachment_count: int = Field(examples=[0])


class MessageIn(Sent):
    channel: WrittenChannel
    text: Annotated[text(10_000, least=1), Field(examples=["Tomorrow at ten is free. Shall we keep it?"])]
    subject: text(200) = ""
    not_before: Moment | None = Field(None, description="When it goes at the earliest; at once without.")
