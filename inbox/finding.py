"""Finding conversations by what was said in them, and by whom they are with."""

import re

from django.utils.translation import gettext as _

from clinics.access import may
from clinics.normalising import email_norm, name_key
from clinics.search_words import LAST
from crm.models import Lead
from inbox.addresses import normal_address
from inbox.models import Channel, ConversationAddress, ConversationWord, UnifiedConversation
from inbox.models.word import LONGEST
from patients.models import Patient

WORD = re.compile(r"[^\W_]{2,}")
MOST_FOUND = 6


def find_conversations(rows, text):
    """Of some conversations, those in which each of the words was said, or whose person or address the words find."""
    everybody = UnifiedConversation.objects.order_by()
    ids = everybody.filter(lead__in=Lead.objects.order_by().found_by(text).values("pk")).values("pk")
    others = everybody.filter(patient__in=Patient.objects.order_by().found_by(text).values("pk")).values("pk")
    reached = {normal_address(Channel.SMS, text), email_norm(text)}
    at = ConversationAddress.objects.filter(address__in=reached).values("conversation")
    return rows.filter(pk__in=ids.union(others, at, _where_said(text), all=True))


def _where_said(text):
    """The conversations in which a word was said for each that the text begins one with; none for a text of none.

    Each word is looked up once and the conversations that all of them share are left: PostgreSQL thinks a beginning of
    a word rarer than it is, and would look the second one up anew for each conversation of the first.
    """
    begins = [word[:LONGEST] for word in WORD.findall(name_key(text))][:8]
    said = [
        ConversationWord.objects.order_by().filter(word__gte=begin, word__lt=begin + LAST).values("conversation")
        for begin in begins
    ]
    if not said:
        return ConversationWord.objects.none().values("conversation")
    return said[0].intersection(*said[1:]) if said[1:] else said[0]


def search_conversations(member, text):
    """The conversations with the newest words that a text finds, as a group of the command palette."""
    if not may(member, "inbox:read"):
        return None
    found = find_conversations(UnifiedConversation.objects.present().order_by("-last_message_at", "-pk"), text)
    return {"title": _("Conversations"), "items": [_item(row) for row in found[:MOST_FOUND]]}


def _item(row):
    return {
        "url": row.get_absolute_url(),
        "label": str(row),
        "note": row.last_message_preview[:60],
        "person": row.pk,
    }
