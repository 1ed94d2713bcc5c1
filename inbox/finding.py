"""Finding conversations by what was said in them, and by whom they are with."""

from clinics.normalising import email_norm
from crm.models import Lead
from inbox.addresses import normal_address
from inbox.models import Channel, ConversationAddress
from patients.models import Patient


def find_conversations(rows, text):
    """Of some conversations, those with somebody whom the words find, or who is reached at the address they are."""
    ids = rows.model.objects.filter(lead__in=Lead.objects.found_by(text).values("pk")).values("pk")
    others = rows.model.objects.filter(patient__in=Patient.objects.found_by(text).values("pk")).values("pk")
    reached = {normal_address(Channel.SMS, text), email_norm(text)}
    at = ConversationAddress.objects.filter(address__in=reached).values("conversation")
    return rows.filter(pk__in=ids.union(others, at, all=True))
