"""What the inbox keeps of a lead: told to the person, removed with the lead, and a reason to keep the lead longer.

What was agreed and refused stays as evidence, with the address that it was said about; a refusal holds on, an
agreement does not: whoever comes again is asked again.
"""

from django.db.models import Q
from django.utils import timezone

from clinics.documents.removing import remove_files
from clinics.live import publish
from clinics.models import WebhookLog
from inbox.addresses import people_at
from inbox.evidence import places_of
from inbox.models import (
    Channel,
    ConsentState,
    ContactConsent,
    MessageAttachment,
    MessageStatus,
    SandboxDelivery,
    UnifiedConversation,
    UnifiedMessage,
)
from inbox.rules import MessageIsGoing

ASKED_ON = (Channel.SMS, Channel.WHATSAPP, Channel.VOICE, Channel.EMAIL)
TOLD = ("happened_at", "channel", "direction", "status", "address", "subject", "text")


def tell_conversations(lead):
    """Every message with a lead, and what was agreed and refused at their addresses, as plain facts."""
    messages = UnifiedMessage.objects.filter(conversation__lead=lead).order_by("happened_at", "pk")
    addresses = {address for _channel, address in _places([lead])}
    consents = ContactConsent.objects.filter(address__in=addresses).order_by("decided_at", "pk")
    return {
        "messages": list(messages.values(*TOLD)),
        "consents": list(consents.values("decided_at", "channel", "address", "purpose", "state", "source")),
    }


def spoken_with_since(moment):
    """The ids of leads with whom something was said at or after a moment."""
    return UnifiedConversation.objects.filter(lead__isnull=False, last_message_at__gte=moment).values("lead")


def forget_conversations(leads):
    """Remove what was said with some leads, files too; returns how many messages.

    What had not gone is not sent. Where nobody else is reached at an address, what was agreed there no longer stands.
    Raises MessageIsGoing while a carrier is just being asked.
    """
    conversations = UnifiedConversation.objects.filter(lead__in=leads)
    messages = UnifiedMessage.objects.filter(conversation__in=conversations)
    if messages.select_for_update(of=("self",)).filter(status=MessageStatus.SENDING).exists():
        raise MessageIsGoing
    places = _places(leads)
    files = MessageAttachment.objects.filter(message__in=messages).exclude(stored_as="")
    remove_files(*files.values_list("stored_as", flat=True))
    ids, held = list(messages.values_list("pk", flat=True)), list(conversations.values_list("pk", flat=True))
    for model, rows in ((UnifiedMessage, ids), (UnifiedConversation, held)):
        WebhookLog.objects.that_made(model, rows).update(payload=None)
    conversations.delete()
    _end_agreements(places, {lead.pk for lead in leads})
    publish("inbox")
    return {"messages": len(ids)}


def _places(leads):
    """Where some leads are reached or were, as pairs of channel and address."""
    places = set()
    for conversation in UnifiedConversation.objects.filter(lead__in=leads).select_related("lead"):
        places |= set(places_of(conversation))
    for lead in leads:
        numbers = {lead.phone_e164, lead.phone_alt_e164} - {""}
        places |= {(channel, number) for channel in ASKED_ON if channel != Channel.EMAIL for number in numbers}
        places |= {(Channel.EMAIL, lead.email_norm)} if lead.email_norm else set()
    return places


def _end_agreements(places, gone):
    """Nothing that was agreed at an address stands any more once nobody is reached there; refusals do."""
    for channel, address in sorted(places):
        if any(person.pk not in gone for person in people_at(channel, address).everybody):
            continue
        agreed = ContactConsent.objects.standing().about(channel, address).exclude(state=ConsentState.OPTED_OUT)
        agreed.update(is_current=False, updated_at=timezone.now())
        SandboxDelivery.objects.filter(Q(to_address=address) | Q(from_address=address)).delete()
