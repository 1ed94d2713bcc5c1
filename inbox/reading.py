"""Who has read a conversation, and up to where: each for themselves, and the clinic as a whole."""

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from crm.models import Lead
from inbox.conversations import lock_conversation
from inbox.models import ReadMark, UnifiedConversation


@transaction.atomic
def read_conversation(conversation, *, by):
    """Note that a member has read everything up to now; the clinic's count of unread falls to none.

    Returns up to when they had read it before, None if never. Nothing is recorded: the page that shows it is.
    """
    now = timezone.now()
    mark, is_new = ReadMark.objects.get_or_create(conversation=conversation, member=by, defaults={"read_until": now})
    before = None if is_new else mark.read_until
    if not is_new and conversation.last_message_at > before:
        ReadMark.objects.filter(pk=mark.pk).update(read_until=now)
    if UnifiedConversation.objects.filter(pk=conversation.pk).unread().update(unread_count=0):
        if conversation.lead_id:
            Lead.objects.filter(pk=conversation.lead_id).update(unread_count=0)
        publish("inbox")
    return before


@transaction.atomic
def unread_conversation(conversation, *, by):
    """Let a conversation stand as unread again, for whoever looks next. Records "inbox.conversation.marked_unread"."""
    conversation = lock_conversation(conversation)
    if conversation.unread_count == 0:
        UnifiedConversation.objects.filter(pk=conversation.pk).update(unread_count=1)
        record("inbox.conversation.marked_unread", conversation, by=by)
    ReadMark.objects.filter(conversation=conversation, member=by).delete()
    publish("inbox")
    return conversation
