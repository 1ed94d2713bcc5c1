"""What an outgoing message does to those who wait: it answers them, and no longer does once it turns out not to go."""

from contextlib import suppress
from datetime import datetime

from django.db.models import F
from django.utils import timezone

from clinics.audit import SYSTEM
from clinics.errors import RuleBroken
from clinics.live import publish
from crm.activities import log_activity, undo_activity
from crm.models import Direction as LeadDirection
from crm.models import LeadActivity
from inbox.conversations import lock_conversation
from inbox.models import Channel, Direction, MessageStatus, UnifiedConversation, UnifiedMessage
from inbox.previews import activity_type_of, preview_of

NOT_SAID = (MessageStatus.CANCELLED, MessageStatus.FAILED, MessageStatus.SUPPRESSED)


def count_as_answer(message, conversation):
    """Show a message at the top of its (locked) conversation; a person's own stops the clock of whoever waits.

    On a lead's page it is an activity. What the clock said is kept with the message, to be put back.
    """
    changed = {
        "message_count": F("message_count") + 1,
        "channels": sorted({*conversation.channels, message.channel}),
    }
    if message.happened_at >= conversation.last_message_at or not conversation.message_count:
        changed |= _shown(message)
    if not message.is_automatic:
        waited = {name: _written(getattr(conversation, name)) for name in ("waiting_since", "answer_due_at")}
        is_first = conversation.first_answered_at is None
        message.metadata = message.metadata | {"waited": waited | {"was_first_answer": is_first}}
        changed |= {"waiting_since": None, "answer_due_at": None}
        if is_first:
            changed["first_answered_at"] = timezone.now()
    message.metadata = message.metadata | {"counted": True}
    message.save(update_fields=["metadata", "updated_at"])
    UnifiedConversation.objects.filter(pk=conversation.pk).update(**changed, updated_at=timezone.now())
    _show_on_lead(message, conversation)


def take_back_answer(message, *, by=SYSTEM):
    """Undo count_as_answer for a message that did not go: they wait again as before, unless somebody has answered them
    otherwise meanwhile."""
    if not message.metadata.get("counted"):
        return
    conversation = lock_conversation(message.conversation)
    changed = _shown(_last_said(conversation)) if _last_said(conversation) else {"last_message_preview": ""}
    waited = message.metadata.get("waited") or {}
    if waited and not _is_answered_since(conversation, message):
        if conversation.waiting_since is None:
            changed |= {name: _read(waited[name]) for name in ("waiting_since", "answer_due_at")}
        if waited["was_first_answer"]:
            changed["first_answered_at"] = None
    UnifiedConversation.objects.filter(pk=conversation.pk).update(**changed, updated_at=timezone.now())
    message.metadata = {key: value for key, value in message.metadata.items() if key not in ("counted", "waited")}
    message.save(update_fields=["metadata", "updated_at"])
    publish("inbox", f"conversation-{conversation.pk}")
    lead = conversation.lead
    if lead is None or lead.deleted_at:
        return
    activity = LeadActivity.objects.filter(lead=lead, payload__message=str(message.pk)).first()
    if activity is not None:
        with suppress(RuleBroken):  # a lead that was converted meanwhile keeps its past as it is
            undo_activity(activity, by=by)


def _is_answered_since(conversation, message):
    others = conversation.messages.filter(direction=Direction.OUTBOUND, is_automatic=False, pk__gt=message.pk)
    return others.exclude(status__in=NOT_SAID).exists()


def _last_said(conversation):
    said = UnifiedMessage.objects.filter(conversation=conversation, happened_at__lte=timezone.now())
    return said.exclude(status__in=NOT_SAID).order_by("-happened_at", "-pk").first()


def _shown(message):
    return {
        "last_message_at": message.happened_at,
        "last_message_preview": preview_of(message),
        "last_direction": message.direction,
        "last_channel": message.channel,
    }


def _show_on_lead(message, conversation):
    lead = conversation.lead
    is_call = message.channel == Channel.VOICE  # what came of it is asked, and logged with that
    if lead is None or lead.is_locked or lead.deleted_at or is_call:
        return
    log_activity(
        lead,
        activity_type_of(message),
        by=None if message.is_automatic else message.by,
        key=f"message {message.pk}",
        direction=LeadDirection.OUTBOUND,
        occurred_at=timezone.now(),
        notes=preview_of(message),
        payload={"message": str(message.pk), "channel": message.channel, "automatic": message.is_automatic},
    )


def _written(moment):
    return moment and moment.isoformat()


def _read(text):
    return text and datetime.fromisoformat(text)
