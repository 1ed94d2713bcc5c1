"""What is done with a conversation: given to somebody, put off, resolved, opened again; and each taken back."""

from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinics.access import may
from clinics.audit import SYSTEM, record
from clinics.live import publish
from clinics.models import AuditLog
from clinics.notifications import language_of, notify
from inbox.conversations import lock_conversation
from inbox.models import ConversationStatus, ConversationTag, UnifiedConversation
from inbox.page_questions import TAGS_ON
from inbox.rules import ChangedMeanwhile, MayNotAnswer, NotInThePast

MOMENTS = ("snoozed_until", "resolved_at", "waiting_since", "answer_due_at")
TAKEN_BACK = (
    "inbox.conversation.assigned",
    "inbox.conversation.snoozed",
    "inbox.conversation.woken",
    "inbox.conversation.resolved",
    "inbox.conversation.reopened",
)


@transaction.atomic
def assign_conversation(conversation, member, *, by, why=""):
    """Give a conversation to a member of staff, who is told, or with None to nobody; returns the AuditLog row.

    Returns None if they have it already. Records "inbox.conversation.assigned". Raises MayNotAnswer.
    """
    event = give_conversation(conversation, member, by=by, why=why)
    if event is not None and member is not None and (by is SYSTEM or by.pk != member.pk):
        with translation.override(language_of(member)):
            text = _("%(who)s is yours to answer.") % {"who": conversation}
        notify(member, "inbox.assigned", text, url=conversation.get_absolute_url())
    return event


@transaction.atomic
def give_conversation(conversation, member, *, by, why=""):
    """The same without telling them: for whoever gives away many, and tells once of all."""
    if member is not None and not may(member, "inbox:reply"):
        raise MayNotAnswer
    changed, metadata = {"assigned_to_id": member and member.pk}, {"why": why} if why else None
    return _change(lock_conversation(conversation), "inbox.conversation.assigned", changed, by=by, metadata=metadata)


@transaction.atomic
def snooze_conversation(conversation, until, *, by):
    """Put a conversation off until a moment, or until they write again; returns the AuditLog row.

    Records "inbox.conversation.snoozed". Raises NotInThePast.
    """
    if until <= timezone.now():
        raise NotInThePast
    changed = {"snoozed_until": until, "status": ConversationStatus.ACTIVE, "resolved_at": None}
    return _change(lock_conversation(conversation), "inbox.conversation.snoozed", changed, by=by)


@transaction.atomic
def wake_conversation(conversation, *, by):
    """Bring a conversation back that was put off; whoever has it is told if it came back by itself.

    Returns the AuditLog row, None if it was awake. Records "inbox.conversation.woken".
    """
    conversation = lock_conversation(conversation)
    event = _change(conversation, "inbox.conversation.woken", {"snoozed_until": None}, by=by)
    if event is not None and by is SYSTEM and conversation.assigned_to is not None:
        with translation.override(language_of(conversation.assigned_to)):
            text = _("%(who)s is back: you had put it off until now.") % {"who": conversation}
        notify(conversation.assigned_to, "inbox.woken", text, url=conversation.get_absolute_url())
    return event


@transaction.atomic
def resolve_conversation(conversation, *, by):
    """Say that nothing is left to do; nobody waits any more. Returns the AuditLog row, None if it was resolved.

    Records "inbox.conversation.resolved", to which the question how content they are reacts.
    """
    conversation = lock_conversation(conversation)
    if conversation.status == ConversationStatus.RESOLVED:
        return None
    changed = {"status": ConversationStatus.RESOLVED, "resolved_at": timezone.now(), "snoozed_until": None}
    changed |= {"waiting_since": None, "answer_due_at": None}
    return _change(conversation, "inbox.conversation.resolved", changed, by=by)


@transaction.atomic
def reopen_conversation(conversation, *, by):
    """Open a resolved conversation again; returns the AuditLog row, None if it is open.

    Records "inbox.conversation.reopened".
    """
    changed = {"status": ConversationStatus.ACTIVE, "resolved_at": None}
    return _change(lock_conversation(conversation), "inbox.conversation.reopened", changed, by=by)


@transaction.atomic
def undo_act(conversation, event, *, by):
    """Put back what an act on a conversation changed; returns the conversation. Records the act the other way round.

    Raises ChangedMeanwhile if somebody has changed it since.
    """
    conversation = lock_conversation(conversation)
    now = {name: _plain(getattr(conversation, name)) for name in event.after}
    if now == event.before:
        return conversation
    if now != event.after:
        raise ChangedMeanwhile
    before = {name: _read(name, value) for name, value in event.before.items()}
    _change(conversation, f"{event.action}_undone", before, by=by)
    return conversation


def acts_on(conversation):
    """The acts on a conversation that can be taken back, as AuditLog rows."""
    return AuditLog.objects.about(conversation).filter(action__in=TAKEN_BACK)


@transaction.atomic
def tag_conversation(conversation, tag, *, by):
    """Put a tag on a conversation; returns whether it is new. Records "inbox.conversation.tagged"."""
    conversation = lock_conversation(conversation)
    _link, is_new = ConversationTag.objects.get_or_create(conversation=conversation, tag=tag)
    if is_new:
        record("inbox.conversation.tagged", conversation, by=by, after={"tag": tag})
        publish("inbox", f"conversation-{conversation.pk}")
    return is_new


@transaction.atomic
def untag_conversation(conversation, tag, *, by):
    """Take a tag off a conversation; returns whether it was there. Records "inbox.conversation.untagged"."""
    conversation = lock_conversation(conversation)
    gone, _each = ConversationTag.objects.filter(conversation=conversation, tag=tag).delete()
    if gone:
        record("inbox.conversation.untagged", conversation, by=by, before={"tag": tag})
        publish("inbox", f"conversation-{conversation.pk}")
    return bool(gone)


def tags_of(conversation):
    """Every tag of the clinic, each with whether this conversation carries it (`is_on`)."""
    return TAGS_ON.rows(conversation=conversation.pk)


def wake_due_conversations():
    """Bring back every conversation of the open clinic whose time has come; returns how many."""
    due = UnifiedConversation.objects.present().filter(snoozed_until__lte=timezone.now())
    return sum(wake_conversation(conversation, by=SYSTEM) is not None for conversation in due[:500])


def _change(conversation, action, changed, *, by, metadata=None):
    """Write what differs, record it, and tell the open pages; None if nothing does."""
    before = {name: getattr(conversation, name) for name in changed}
    if before == changed:
        return None
    for name, value in changed.items():
        setattr(conversation, name, value)
    conversation.save(update_fields=[*(name.removesuffix("_id") for name in changed), "updated_at"])
    plain = [{name: _plain(value) for name, value in facts.items()} for facts in (before, changed)]
    event = record(action, conversation, by=by, before=plain[0], after=plain[1], metadata=metadata)
    publish("inbox", f"conversation-{conversation.pk}")
    return event


def _plain(value):
    """A value as it stands in an audit row: text, or nothing."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return None if value is None else str(value)


def _read(name, text):
    return datetime.fromisoformat(text) if text and name in MOMENTS else text
