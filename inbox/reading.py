"""Who has read a conversation, and up to where: each for themselves, and the clinic as a whole."""

from django.db import connection, transaction
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from crm.models import Lead
from inbox.conversations import lock_conversation
from inbox.models import ReadMark, UnifiedConversation

# What they had read is told, and written anew where more was said since: one statement, whoever reads beside them.
READ = """
    WITH known AS (
        SELECT read_until FROM inbox_readmark
        WHERE clinic_id = %(clinic)s AND member_id = %(member)s AND conversation_id = %(conversation)s
    ), written AS (
        INSERT INTO inbox_readmark (id, clinic_id, created_at, updated_at, conversation_id, member_id, read_until)
        SELECT gen_random_uuid(), %(clinic)s, %(now)s, %(now)s, %(conversation)s, %(member)s, %(now)s
        WHERE NOT EXISTS (SELECT FROM known WHERE read_until >= %(last)s)
        ON CONFLICT (clinic_id, member_id, conversation_id)
            DO UPDATE SET read_until = excluded.read_until, updated_at = excluded.updated_at
    )
    SELECT read_until FROM known
"""


def read_conversation(conversation, *, by):
    """Note that a member has read everything up to now; the clinic's count of unread falls to none.

    Returns up to when they had read it before, None if never. Nothing is recorded: the page that shows it is.
    """
    facts = {"clinic": conversation.clinic_id, "conversation": conversation.pk, "member": by.pk}
    facts |= {"now": timezone.now(), "last": conversation.last_message_at}
    with connection.cursor() as cursor:
        cursor.execute(READ, facts)
        known = cursor.fetchone()
    if conversation.unread_count and UnifiedConversation.objects.filter(pk=conversation.pk).update(unread_count=0):
        if conversation.lead_id:
            Lead.objects.filter(pk=conversation.lead_id).update(unread_count=0)
        publish("inbox")
    return known and known[0]


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
