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
    if conversation.unread_count and UnifiedConversation.objects.filter(pk=conversation.pk).update(unread_count=0):
        if conversation.lead_id:
            Lead.objects.filter(pk=conversation.lead_id).update(unread_count=0)
        publish("inbox")
    return before


@transaction.atomic
def set_unread(conversation, count, *, by, only_from=None):
    """Say how many words of a conversation nobody has read (0: all are); returns how many it was before.

    Returns None if it was so already, or is not `only_from` any more. Whoever marks it as read has read it themselves.
    Records "inbox.conversation.marked_read" or "inbox.conversation.marked_unread".
    """
    conversation = lock_conversation(conversation)
    before = conversation.unread_count
    is_same_kind = bool(before) == bool(count) if only_from is None else before != only_from
    if is_same_kind:
        return None
    conversation.unread_count = count
    conversation.save(update_fields=["unread_count", "updated_at"])
    if conversation.lead_id:
        Lead.objects.filter(pk=conversation.lead_id).update(unread_count=count)
    marks = ReadMark.objects.filter(conversation=conversation, member=by)
    if count:
        marks.delete()
    else:
        marks.filter(read_until__lt=conversation.last_message_at).update(read_until=timezone.now())
    action = "inbox.conversation.marked_unread" if count else "inbox.conversation.marked_read"
    record(action, conversation, by=by, before={"count": before}, after={"count": count})
    publish("inbox")
    return before


@transaction.atomic
def unread_conversation(conversation, *, by):
    """Let a conversation stand as unread again, for whoever looks next. Records "inbox.conversation.marked_unread"."""
    if set_unread(conversation, 1, by=by) is None:
        ReadMark.objects.filter(conversation=conversation, member=by).delete()
        publish("inbox")
    return conversation
