"""What stands in the addresses of the pages where conversations are read and answered."""

from datetime import timedelta

from django.utils import timezone

from clinics.models import AuditLog, Tag
from crm.models import Lead
from inbox.handling import snooze_conversation
from inbox.models import (
    CannedReply,
    ConversationAct,
    ConversationAddress,
    ConversationNote,
    UnifiedConversation,
    UnifiedMessage,
)
from inbox.tests.factories import ConversationFactory
from patients.models import Patient
from tests.isolation import inbox_addresses


def act_on(world, _member):
    """An act on the conversation that is on record."""
    conversation = world[UnifiedConversation]
    known = AuditLog.objects.about(conversation).filter(action="inbox.conversation.snoozed").first()
    if known is None:
        known = snooze_conversation(conversation, timezone.now() + timedelta(days=1), by=world.admin)
    return known.pk


def merged_in(world, _member):
    """A conversation that was merged into the one of the world."""
    conversation = world[UnifiedConversation]
    return (conversation.merged.first() or ConversationFactory(merged_into=conversation)).pk


PAGES = [
    "conversation_assign",
    "conversation_csv",
    "conversation_json",
    "conversation_match",
    "conversation_part",
    "conversation_people",
    "conversation_print",
    "conversation_reopen",
    "conversation_resolve",
    "conversation_snooze",
    "conversation_split",
    "conversation_tag",
    "conversation_undo",
    "conversation_unread",
    "conversation_untag",
    "conversation_wake",
    "message_cancel",
    "message_resend",
    "note_delete",
    "note_restore",
    "reply_draft",
    "reply_send",
    "reply_typing",
]
ROWS = inbox_addresses.ROWS | {
    **{f"inbox:{name}": UnifiedConversation for name in PAGES},
    **{f"inbox:conversation_bulk_{act}": ConversationAct for act in ("csv", "detail", "undo")},
    **{f"inbox:canned_{act}": CannedReply for act in ("delete", "edit", "restore")},
    **dict.fromkeys(["inbox:lead_call", "inbox:lead_panel", "inbox:lead_write"], Lead),
    **dict.fromkeys(["inbox:patient_call", "inbox:patient_panel", "inbox:patient_write"], Patient),
}
SLOTS = inbox_addresses.SLOTS | {
    "address_pk": {"inbox:conversation_split": ConversationAddress},
    "event_pk": {"inbox:conversation_undo": act_on},
    "conversation_id": UnifiedConversation,
    "message_pk": inbox_addresses.SLOTS["message_pk"]
    | {f"inbox:message_{act}": UnifiedMessage for act in ("cancel", "resend")},
    "other_pk": {"inbox:conversation_part": merged_in},
    "note_pk": {f"inbox:note_{act}": ConversationNote for act in ("delete", "restore")},
    "person_pk": {"inbox:conversation_match": Lead},
}
TAGS = dict.fromkeys(["inbox:conversation_tag", "inbox:conversation_untag"], Tag)
