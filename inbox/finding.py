"""Finding conversations by what was said in them, and by whom they are with."""

import re
from collections import Counter

from django.db.models import CharField, OuterRef, Q, Subquery, Value
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _

from clinics.access import may
from clinics.normalising import email_norm, name_key
from clinics.search_words import LAST, words_of_each
from crm.models import Lead, LeadWord
from inbox.addresses import normal_address
from inbox.models import Channel, ConversationAddress, ConversationWord, UnifiedConversation
from inbox.models.word import LONGEST
from patients.models import Patient, PatientWord

WORD = re.compile(r"[^\W_]{2,}")
MOST_FOUND = 6
MANY = 1000  # words of some kind that a word begins: from then on it is common
NEAR = 3000  # of the newest that are asked one after the other for a common word


def find_conversations(rows, text):
    """Of some conversations, those in which each of the words was said, or whose person or address the words find."""
    return rows.filter(pk__in=_ids_found(text))


def newest_found(rows, text, most):
    """The ids of the newest conversations, at most so many, of some that a text finds, newest first.

    What a rare word finds is looked up and sorted. A common word stands in so many of the newest conversations that
    asking these one after the other is over sooner; where it does not, it is looked up all the same.
    """
    newest = rows.order_by("-last_message_at", "-pk")
    if _is_common(text):
        near, is_all = _near(newest)
        ids = list(near.filter(_fits(text)).values_list("pk", flat=True)[:most])
        if is_all or len(ids) == most:
            return ids
    return list(find_conversations(newest, text).values_list("pk", flat=True)[:most])


def _is_common(text):
    """Whether each word of a text begins many words of what was said, or many of leads, or of patients."""
    kinds = {"said": _each_said(text)}
    kinds |= {name: words_of_each(words, text) for name, words in (("lead", LeadWord), ("patient", PatientWord))}
    asked = {name: rows for name, rows in kinds.items() if rows}
    if not asked:
        return False
    first, *others = [
        words.values(kind=Value(kind, output_field=CharField()))[MANY : MANY + 1]
        for kind, rows in asked.items()
        for words in rows
    ]
    found = Counter(row["kind"] for row in first.union(*others, all=True))
    return any(found[kind] == len(rows) for kind, rows in asked.items())


def _near(newest):
    """(the newest few thousand of some conversations, whether these are all of them)."""
    moment = newest.values_list("last_message_at", flat=True)[NEAR : NEAR + 1].first()
    return (newest, True) if moment is None else (newest.filter(last_message_at__gt=moment), False)


def _ids_found(text):
    """The ids of all conversations that a text finds, some twice."""
    everybody = UnifiedConversation.objects.order_by()
    ids = everybody.filter(lead__in=Lead.objects.order_by().found_by(text).values("pk")).values("pk")
    others = everybody.filter(patient__in=Patient.objects.order_by().found_by(text).values("pk")).values("pk")
    return ids.union(others, _at_address(text), _where_said(text), all=True)


def _fits(text):
    """The same as a condition that is asked of one conversation after the other, never of all of them at once."""
    lead = Lead.objects.order_by().found_by(text).filter(pk=OuterRef("lead"))
    patient = Patient.objects.order_by().found_by(text).filter(pk=OuterRef("patient"))
    said = [_is_there(words.filter(conversation=OuterRef("pk"))) for words in _each_said(text)]
    fits = Q(_is_there(lead)) | Q(_is_there(patient)) | Q(pk__in=list(_at_address(text)))
    return fits | Q(*said) if said else fits


def _is_there(rows):
    """Whether there is one of some rows: asked anew each time, where PostgreSQL would read all of an EXISTS first."""
    return IsNull(Subquery(rows.values("pk")[:1]), False)


def _at_address(text):
    """The ids of the conversations that are held with the address that a text is."""
    addresses = {normal_address(Channel.SMS, text), email_norm(text)}
    return ConversationAddress.objects.filter(address__in=addresses).values_list("conversation", flat=True)


def _where_said(text):
    """The conversations in which a word was said for each that the text begins one with; none for a text of none.

    Each word is looked up once and the conversations that all of them share are left: PostgreSQL thinks a beginning of
    a word rarer than it is, and would look the second one up anew for each conversation of the first.
    """
    said = [words.values("conversation") for words in _each_said(text)]
    if not said:
        return ConversationWord.objects.none().values("conversation")
    return said[0].intersection(*said[1:]) if said[1:] else said[0]


def _each_said(text):
    """For each word of a text the words, wherever they were said, that begin with it."""
    begins = [word[:LONGEST] for word in WORD.findall(name_key(text))][:8]
    words = ConversationWord.objects.order_by()
    return [words.filter(word__gte=begin, word__lt=begin + LAST) for begin in begins]


def search_conversations(member, text):
    """The conversations with the newest words that a text finds, as a group of the command palette."""
    if not may(member, "inbox:read"):
        return None
    ids = newest_found(UnifiedConversation.objects.present(), text, MOST_FOUND)
    found = UnifiedConversation.objects.filter(pk__in=ids).order_by("-last_message_at", "-pk")
    return {"title": _("Conversations"), "items": [_item(row) for row in found]}


def _item(row):
    return {
        "url": row.get_absolute_url(),
        "label": str(row),
        "note": row.last_message_preview[:60],
        "person": row.pk,
    }
