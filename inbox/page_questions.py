"""What every page of the inbox asks, written as SQL once (clinics.questions)."""

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from clinics.counting import count_some
from clinics.models import ClinicUser, SavedView, Tag
from clinics.questions import Question
from crm.models import LeadTask
from inbox.models import (
    ApprovedTemplate,
    CannedReply,
    ChannelAccount,
    ConversationAddress,
    ConversationNote,
    ConversationTag,
    InboxSettings,
    ReplyDraft,
    UnifiedConversation,
    UnifiedMessage,
)
from inbox.models.conversation import names_of

NOTES_AT_MOST = 400
TASKS_SHOWN, MERGED_SHOWN = 3, 6
SHOWN_IN_A_ROW = (
    "clinic", "lead", "patient", "member", "assigned_to", "unknown_address", "person_name", "status", "is_urgent",
    "unread_count", "last_message_at", "last_message_preview", "last_direction", "last_channel", "waiting_since",
    "answer_due_at", "snoozed_until",
)  # fmt: skip


def numbers_of(shelves, most):
    """How many conversations stand on each of some shelves for a member, no further than `most`: {key: number}."""

    def build(member):
        rows = UnifiedConversation.objects.all()
        asked = {shelf.key: shelf.rows(rows, member, Now()).order_by(*shelf.order) for shelf in shelves}
        return count_some(asked, most=most, beside=ClinicUser.objects.filter(pk=member), in_order=True)

    return Question(build)


def shown_rows(member):
    """Conversations as the list shows them to a member: nothing is read but what stands in a row."""
    rows = UnifiedConversation.objects.for_list().read_by(member)
    return rows.only(*SHOWN_IN_A_ROW, *names_of("assigned_to"))


def first_page_of(shelf, size):
    """The newest conversations of a shelf for a member, one more than a page holds."""

    def build(member):
        rows = shown_rows(member)
        return shelf.rows(rows, member, Now())[: size + 1]

    return Question(build)


def newest_messages(size):
    """The newest messages of a conversation, one more than a stretch of it holds."""
    return Question(lambda conversation: _messages(conversation)[: size + 1])


def _messages(conversation):
    return UnifiedMessage.objects.filter(conversation=conversation).for_thread()


def _tags_on(conversation):
    links = ConversationTag.objects.filter(conversation=conversation, tag=OuterRef("pk"))
    return Tag.objects.annotate(is_on=Exists(links))


def _notes(conversation):
    notes = ConversationNote.objects.filter(conversation=conversation, deleted_at=None)
    return notes.select_related("author__user").order_by("-created_at", "-pk")[:NOTES_AT_MOST]


def _addresses(conversation):
    rows = ConversationAddress.objects.filter(conversation=conversation)
    return rows.order_by("channel", "-last_inbound_at", "address")


def _page_of(conversation):
    """The conversation with everything that its page says of it; `has_merged` if others were made one with it."""
    merged = UnifiedConversation.objects.filter(merged_into=OuterRef("pk"))
    return UnifiedConversation.objects.kept().filter(pk=conversation).for_page().annotate(has_merged=Exists(merged))


CONVERSATION = Question(_page_of)
ADDRESSES = Question(_addresses)
TASKS = Question(lambda lead: LeadTask.objects.filter(lead=lead).open().order_by("due_at", "pk")[:TASKS_SHOWN])
MERGED = Question(
    lambda conversation: UnifiedConversation.objects.filter(merged_into=conversation).order_by("pk")[:MERGED_SHOWN]
)
DRAFTS = Question(
    lambda conversation: ReplyDraft.objects.filter(conversation=conversation).select_related("member__user")
)
NOTES = Question(_notes)
TAGS = Question(lambda: Tag.objects.all())
TAGS_ON = Question(_tags_on)
MEMBERS = Question(lambda: ClinicUser.objects.active().for_list().defer("notification_preferences", "working_hours"))
SAVED_VIEWS = Question(lambda member: SavedView.objects.for_bar(member, SavedView.Layout.INBOX))
CANNED = Question(lambda member: CannedReply.objects.usable_by(member))
TEMPLATES = Question(lambda: ApprovedTemplate.objects.in_use())
ACCOUNTS = Question(lambda: ChannelAccount.objects.active().order_by("-is_default", "created_at", "pk"))
SETTINGS = Question(lambda: InboxSettings.objects.all())
