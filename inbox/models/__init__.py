from inbox.models.account import ChannelAccount
from inbox.models.bulk_act import ConversationAct, ConversationActRow
from inbox.models.choices import (
    Carrier,
    Channel,
    ConsentSource,
    ConsentState,
    ConversationStatus,
    Direction,
    MessageKind,
    MessageStatus,
    Purpose,
    Sentiment,
    SuppressionReason,
)
from inbox.models.consent import ConsentWording, ContactConsent, Suppression
from inbox.models.conversation import (
    ConversationAddress,
    ConversationNote,
    ConversationTag,
    NoteMention,
    ReadMark,
    UnifiedConversation,
)
from inbox.models.draft import ReplyDraft
from inbox.models.message import DeliveryReport, MessageAttachment, SentCount, UnifiedMessage
from inbox.models.notice import AppointmentNotice
from inbox.models.sandbox import SandboxDelivery
from inbox.models.satisfaction import SatisfactionQuestion
from inbox.models.settings import ApprovedTemplate, CannedReply, InboxSettings
from inbox.models.word import ConversationWord

__all__ = [
    "AppointmentNotice",
    "ApprovedTemplate",
    "CannedReply",
    "Carrier",
    "Channel",
    "ChannelAccount",
    "ConsentSource",
    "ConsentState",
    "ConsentWording",
    "ContactConsent",
    "ConversationAct",
    "ConversationActRow",
    "ConversationAddress",
    "ConversationNote",
    "ConversationStatus",
    "ConversationTag",
    "ConversationWord",
    "DeliveryReport",
    "Direction",
    "InboxSettings",
    "MessageAttachment",
    "MessageKind",
    "MessageStatus",
    "NoteMention",
    "Purpose",
    "ReadMark",
    "ReplyDraft",
    "SandboxDelivery",
    "SatisfactionQuestion",
    "SentCount",
    "Sentiment",
    "Suppression",
    "SuppressionReason",
    "UnifiedConversation",
    "UnifiedMessage",
]
