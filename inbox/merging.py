"""Making one conversation of two, when two turn out to be held with one person, and parting them again."""

from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Count, Func, JSONField, Q, Value

from clinics.audit import record
from clinics.live import publish
from clinics.models import AuditLog
from inbox.conversations import lock_conversation
from inbox.models import (
    ConversationAddress,
    ConversationNote,
    ConversationTag,
    Direction,
    SatisfactionQuestion,
    UnifiedConversation,
    UnifiedMessage,
)
from inbox.previews import preview_of
from inbox.rules import NotMergedHere, NotWithItself, TwoPeople

MERGED = "inbox.conversation.merged"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Appended(Func):
    """A JSON object whose list "moved" has one more entry."""

    template = (
        "jsonb_set(metadata, '{moved}', coalesce(metadata->'moved', '[]'::jsonb) || to_jsonb(%(expressions)s::text))"
    )
    output_field = JSONField()


class Taken(Func):
    """A JSON object whose list "moved" has an entry less."""

    template = "jsonb_set(metadata, '{moved}', (metadata->'moved') - (%(expressions)s)::text)"
    output_field = JSONField()


@transaction.atomic
def merge_conversations(survivor, other, *, by):
    """Put everything of one conversation into another; returns the survivor. What moved remembers where it came from.

    Records "inbox.conversation.merged". Raises NotWithItself, and TwoPeople when both are held with somebody present.
    """
    first, second = sorted((survivor, other), key=lambda each: str(each.pk))
    locked = {row.pk: row for row in (lock_conversation(first), lock_conversation(second))}
    if len(locked) == 1:
        raise NotWithItself
    survivor, other = locked[survivor.pk], locked[other.pk]
    if not _may_be_one(survivor, other):
        raise TwoPeople

    UnifiedMessage.objects.filter(conversation=other).update(
        conversation=survivor, metadata=Appended(Value(str(other.pk)))
    )
    notes = [str(pk) for pk in ConversationNote.objects.filter(conversation=other).values_list("pk", flat=True)]
    ConversationNote.objects.filter(pk__in=notes).update(conversation=survivor)
    SatisfactionQuestion.objects.filter(conversation=other).update(conversation=survivor)
    _copy_marks(survivor, other)
    other.merged_into, other.unread_count = survivor, 0
    other.waiting_since = other.answer_due_at = other.snoozed_until = None
    other.save()
    recount(survivor)
    record(MERGED, survivor, by=by, after={"merged": other, "notes": notes})
    publish("inbox", f"conversation-{survivor.pk}", f"conversation-{other.pk}")
    return survivor


@transaction.atomic
def part_conversations(other, *, by):
    """Take a merge back: what came from a conversation goes to it again; returns it. Tags and addresses stay with both.

    Records "inbox.conversation.parted". Raises NotMergedHere.
    """
    other = UnifiedConversation.objects.select_for_update(of=("self",)).get(pk=other.pk)
    if other.merged_into_id is None:
        raise NotMergedHere
    survivor = UnifiedConversation.objects.select_for_update(of=("self",)).get(pk=other.merged_into_id)
    came = Q(conversation=survivor, metadata__moved__contains=[str(other.pk)])
    UnifiedMessage.objects.filter(came).update(conversation=other, metadata=Taken(Value(str(other.pk))))
    ConversationNote.objects.filter(pk__in=_notes_that_came(survivor, other)).update(conversation=other)
    SatisfactionQuestion.objects.filter(message__conversation=other).update(conversation=other)
    other.merged_into = None
    other.save(update_fields=["merged_into", "updated_at"])
    recount(survivor)
    recount(other)
    record("inbox.conversation.parted", other, by=by, after={"from": survivor})
    publish("inbox", f"conversation-{survivor.pk}", f"conversation-{other.pk}")
    return other


def recount(conversation):
    """Write down anew what the row of the list shows of the messages of a (locked) conversation."""
    messages = UnifiedMessage.objects.filter(conversation=conversation)
    newest = messages.order_by("-happened_at", "-pk").first()
    facts = messages.aggregate(
        count=Count("pk"),
        unanswered=Count("pk", filter=Q(direction=Direction.INBOUND, happened_at__gt=_read_up_to(conversation))),
    )
    conversation.message_count, conversation.unread_count = facts["count"], facts["unanswered"]
    conversation.channels = sorted(set(messages.order_by().values_list("channel", flat=True).distinct()))
    if newest is not None:
        conversation.last_message_at, conversation.last_message_preview = newest.happened_at, preview_of(newest)
        conversation.last_direction, conversation.last_channel = newest.direction, newest.channel
    conversation.save()


def _read_up_to(conversation):
    """The moment up to which somebody of the clinic has read or answered; all is unread without any."""
    marks = conversation.read_marks.order_by("-read_until").values_list("read_until", flat=True)
    answered = conversation.messages.outbound().filter(is_automatic=False).order_by("-happened_at")
    moments = [marks.first(), answered.values_list("happened_at", flat=True).first()]
    return max((moment for moment in moments if moment), default=LONG_AGO)


def _copy_marks(survivor, other):
    """Tags, addresses, and who waits since when count for the one that is left."""
    for link in ConversationTag.objects.filter(conversation=other):
        ConversationTag.objects.get_or_create(conversation=survivor, tag_id=link.tag_id)
    for row in ConversationAddress.objects.filter(conversation=other):
        facts = {name: getattr(row, name) for name in ("display_name", "last_inbound_at", "last_outbound_at")}
        ConversationAddress.objects.get_or_create(
            conversation=survivor, channel=row.channel, address=row.address, defaults=facts
        )
    if other.waiting_since and (survivor.waiting_since is None or other.waiting_since < survivor.waiting_since):
        survivor.waiting_since, survivor.answer_due_at = other.waiting_since, other.answer_due_at
        survivor.status, survivor.resolved_at = other.status, other.resolved_at
    survivor.is_urgent = survivor.is_urgent or other.is_urgent
    survivor.assigned_to_id = survivor.assigned_to_id or other.assigned_to_id
    asked = [each.satisfaction_asked_at for each in (survivor, other) if each.satisfaction_asked_at]
    if other.satisfaction and other.satisfaction_asked_at == max(asked, default=None):
        survivor.satisfaction = other.satisfaction
    survivor.satisfaction_asked_at = max(asked, default=None)
    survivor.first_answered_at = min(filter(None, (survivor.first_answered_at, other.first_answered_at)), default=None)
    survivor.save()


def _may_be_one(survivor, other):
    """Whether the other is held with nobody known, with the same person, or with somebody who is now the survivor's."""
    if other.is_unmatched:
        return True
    if other.patient is not None:
        return other.patient_id == survivor.patient_id or other.patient.deleted_at is not None
    lead = other.lead
    if lead.deleted_at is not None or lead.pk == survivor.lead_id:
        return True
    return survivor.patient_id is not None and lead.converted_to_patient_id is not None


def _notes_that_came(survivor, other):
    """Ids of the notes that the merge has moved, as it was recorded."""
    merges = AuditLog.objects.about(survivor).filter(action=MERGED, after__merged=str(other.pk))
    newest = merges.first()
    return newest.after["notes"] if newest else []
