"""Conversations follow the people they are held with: who is merged, becomes a patient, is renamed or erased."""

from django.db import transaction
from django.utils import timezone

from clinics.audit import SYSTEM, record
from clinics.documents.removing import remove_files
from clinics.live import publish
from clinics.models import AuditLog, WebhookLog
from crm.models import Lead
from inbox.conversations import lock_conversation, name_of, who_is_spoken_with
from inbox.merging import merge_conversations, part_conversations
from inbox.models import (
    ConversationAddress,
    ConversationNote,
    DeliveryReport,
    MessageAttachment,
    MessageStatus,
    ReplyDraft,
    SatisfactionQuestion,
    UnifiedConversation,
    UnifiedMessage,
)
from inbox.planning import WAITING
from patients.models import Patient

FOLLOWED = "inbox.conversation.followed"
MODELS = {"crm.lead": Lead, "patients.patient": Patient}


def person_of(event):
    """The lead or patient that an event is about; None if they are no longer in the database."""
    return MODELS[event.resource_type].objects.filter(pk=event.resource_id).first()


@transaction.atomic
def follow_merge(survivor, merged_id, *, by=SYSTEM):
    """Two leads, or two patients, are one: so are their conversations. Returns the one that is left, or None."""
    gone = type(survivor).objects.filter(pk=merged_id).first()
    return _bring_together(gone, survivor, by=by) if gone else None


@transaction.atomic
def follow_conversion(lead, *, by=SYSTEM):
    """A lead became a patient: their conversation is that patient's. Returns the one that is left, or None."""
    person = who_is_spoken_with(lead)
    return _bring_together(lead, person, by=by) if person != lead else None


@transaction.atomic
def follow_parting(person, *, by=SYSTEM):
    """A merge or a conversion was taken back: the conversation that was brought to another goes to `person` again.

    Whoever has been given it since keeps it. Returns the conversation, or None.
    """
    event = AuditLog.objects.filter(action=FOLLOWED, before__person=str(person.pk)).order_by("-id").first()
    if event is None:
        follow_name(person)
        return None
    conversation = UnifiedConversation.objects.get(pk=event.resource_id)
    if not conversation.merged_into_id and str(conversation.person and conversation.person.pk) != event.after["person"]:
        return None
    if conversation.merged_into_id:
        conversation = part_conversations(conversation, by=by)
    else:
        conversation = lock_conversation(conversation)
    kind = _kind_of(person)
    if UnifiedConversation.objects.of_person(**{kind: person}).exclude(pk=conversation.pk).exists():
        return None
    _hand_to(conversation, person)
    return conversation


@transaction.atomic
def follow_name(person):
    """The conversation of somebody is listed under the name that they bear now."""
    found = UnifiedConversation.objects.of_person(**{_kind_of(person): person})
    if found.exclude(person_name=name_of(person)).update(person_name=name_of(person)):
        publish("inbox")


@transaction.atomic
def erase_conversations(patient):
    """Empty what was said with a patient who was erased; what stays is that there was something, when, and which way.

    What had not gone is not sent; what was agreed and refused stays, as evidence. Records "inbox.conversation.erased".
    """
    for conversation in UnifiedConversation.objects.filter(patient=patient):
        messages = UnifiedMessage.objects.filter(conversation=conversation)
        files = MessageAttachment.objects.filter(message__in=messages).exclude(stored_as="")
        remove_files(*files.values_list("stored_as", flat=True))
        MessageAttachment.objects.filter(message__in=messages).delete()
        DeliveryReport.objects.filter(message__in=messages).update(payload={})
        WebhookLog.objects.that_made(UnifiedMessage, list(messages.values_list("pk", flat=True))).update(payload=None)
        WebhookLog.objects.that_made(UnifiedConversation, [conversation.pk]).update(payload=None)
        messages.filter(status__in=WAITING).update(status=MessageStatus.CANCELLED, status_at=timezone.now())
        count = messages.update(
            text="", full_text="", html="", subject="", address="", metadata={}, attachment_count=0, in_reply_to=""
        )
        SatisfactionQuestion.objects.filter(conversation=conversation).update(comment="")
        for model in (ConversationNote, ConversationAddress, ReplyDraft):
            model.objects.filter(conversation=conversation).delete()
        conversation.person_name = name_of(patient)
        conversation.last_message_preview = conversation.subject = conversation.unknown_address = ""
        conversation.save()
        record("inbox.conversation.erased", conversation, by=SYSTEM, metadata={"messages": count})
    publish("inbox")


def _bring_together(gone, stays, *, by):
    """Give the conversation of somebody who is now another to that other; returns the one that is left."""
    held = UnifiedConversation.objects.of_person(**{_kind_of(gone): gone}).first()
    standing = UnifiedConversation.objects.of_person(**{_kind_of(stays): stays}).first()
    if held is None:
        if standing is not None:
            follow_name(stays)
        return standing
    record(FOLLOWED, held, by=by, before={"person": str(gone.pk)}, after={"person": str(stays.pk)})
    if standing is not None:
        return merge_conversations(standing, held, by=by)
    held = lock_conversation(held)
    _hand_to(held, stays)
    return held


def _hand_to(conversation, person):
    is_patient = isinstance(person, Patient)
    conversation.patient, conversation.lead = (person, None) if is_patient else (None, person)
    conversation.person_name = name_of(person)
    conversation.save(update_fields=["patient", "lead", "person_name", "updated_at"])
    publish("inbox", f"conversation-{conversation.pk}")


def _kind_of(person):
    return "patient" if isinstance(person, Patient) else "lead"
