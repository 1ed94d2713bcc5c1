"""What was said with a patient, and what was agreed and refused, for the file that is handed to the patient."""

from django.utils.translation import gettext as _

from inbox.addresses import address_of
from inbox.evidence import ASKED_ON, places_of
from inbox.kept_of_leads import TOLD
from inbox.models import ContactConsent, UnifiedConversation, UnifiedMessage


def tell_conversations(patient):
    """Every message with a patient, and what was agreed and refused at their addresses, as plain facts."""
    messages = UnifiedMessage.objects.filter(conversation__patient=patient).order_by("happened_at", "pk")
    conversations = UnifiedConversation.objects.filter(patient=patient).select_related("patient")
    addresses = {address for conversation in conversations for _channel, address in places_of(conversation)}
    addresses |= {address_of(patient, channel) for channel in ASKED_ON} - {"", None}
    consents = ContactConsent.objects.filter(address__in=addresses).order_by("decided_at", "pk")
    return {
        "messages": list(messages.values(*TOLD)),
        "agreed_and_refused": list(consents.values("decided_at", "channel", "address", "purpose", "state", "source")),
    }


def lines_of_conversations(patient):
    known = tell_conversations(patient)
    for row in known["messages"]:
        yield [_("Message"), row["happened_at"], f"{row['channel']} {row['direction']}", row["status"], "", row["text"]]
    for row in known["agreed_and_refused"]:
        yield [_("Consent"), row["decided_at"], f"{row['channel']} {row['purpose']}", row["state"], "", row["address"]]
