"""Saying with whom a conversation is held, and parting what two people said over one."""

from django.db import transaction

from clinics.audit import record
from clinics.live import publish
from inbox.conversations import lock_conversation, match_conversation
from inbox.merging import merge_conversations, recount
from inbox.models import ConversationAddress, UnifiedConversation
from inbox.people import conversation_of
from inbox.rules import NothingToPart


@transaction.atomic
def match_or_merge(conversation, person, *, by):
    """Say with whom an unmatched conversation is held; one that they have already takes this one in.

    Returns the conversation that is left. Records as match_conversation or merge_conversations, and raises as they do.
    """
    theirs = conversation_of(person)
    if theirs is None or theirs.pk == conversation.pk:
        return match_conversation(conversation, person, by=by)
    return merge_conversations(theirs, conversation, by=by)


@transaction.atomic
def split_address(conversation, address, *, by):
    """Move everything over one address (a ConversationAddress) into a conversation of its own, with nobody known.

    Returns the new conversation. Records "inbox.conversation.split". Raises NothingToPart if nothing would be left.
    """
    conversation = lock_conversation(conversation)
    messages = conversation.messages.filter(channel=address.channel, address=address.address)
    newest = messages.order_by("-happened_at", "-pk").first()
    if newest is None or not conversation.addresses.exclude(pk=address.pk).exists():
        raise NothingToPart
    parted = UnifiedConversation.objects.create(
        unknown_channel=address.channel,
        unknown_address=address.address,
        person_name=address.display_name,
        location_id=conversation.location_id,
        assigned_to_id=conversation.assigned_to_id,
        last_message_at=newest.happened_at,
    )
    moved = messages.update(conversation=parted)
    ConversationAddress.objects.filter(pk=address.pk).update(conversation=parted)
    recount(conversation)
    recount(parted)
    record("inbox.conversation.split", conversation, by=by, after={"parted": parted, "messages": moved})
    publish("inbox", f"conversation-{conversation.pk}")
    return parted
