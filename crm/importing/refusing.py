"""Columns and words by which a file says that somebody does not want to be written to or called.

Whoever refused elsewhere has refused: what is no clear consent in a column of refusals is read as one. A yes to being
written to is no consent of ours, since it comes without proof: it is kept beside the lead and permits nothing.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from clinics.tables.values import plain_word
from crm.importing.values import read_yes
from patients.models import Channel, Purpose

ALL = (Purpose.CARE, Purpose.NEWS)
TEXTS, CALLS, MAIL = (Channel.SMS, Channel.WHATSAPP), (Channel.VOICE,), (Channel.EMAIL,)
EVERY_WAY = (*TEXTS, *CALLS, *MAIL)


@dataclass(frozen=True)
class Refuses:
    """What a column can refuse; `by_yes` where a yes does (“Do not call”), else a no does (“OK to call”)."""

    channels: tuple
    purposes: tuple
    by_yes: bool


REFUSING = {
    "no_contact": Refuses(EVERY_WAY, ALL, by_yes=True),
    "no_email": Refuses(MAIL, ALL, by_yes=True),
    "no_texts": Refuses(TEXTS, ALL, by_yes=True),
    "no_calls": Refuses(CALLS, ALL, by_yes=True),
    "may_email": Refuses(MAIL, ALL, by_yes=False),
    "may_text": Refuses(TEXTS, ALL, by_yes=False),
    "may_call": Refuses(CALLS, ALL, by_yes=False),
    "agreed_news": Refuses(EVERY_WAY, (Purpose.NEWS,), by_yes=False),
}
WORDS_OF = ("status", "stage", "tags", "preferred_contact")  # columns in which a word of its own may refuse everything

# Headings, plain: lower case, no signs, one space between words.
NEGATIVE = re.compile(
    r"\b(opt(ed)? ?outs?|unsubscribed?|unsub|do not|dont|don t|dnd|dnc"
    r"|no (contact|e ?mails?|texts?|sms|calls?|contactar|llamar)|baja|kontaktsperre|werbesperre|nicht kontaktieren"
    r"|ne pas contacter|non contattare|nao contactar)\b"
)
POSITIVE = re.compile(
    r"\b(opt(ed)? ?ins?|consents?|ok to|ok for|(text|call|e ?mail|sms) ok|allows?|allowed|accepts?|permission"
    r"|subscribed|newsletter|(can|may) (call|text|e ?mail|contact)|send( me)?( marketing)? (e ?mails?|texts?|sms|news)"
    r"|(subscription|marketing( contact)?|e ?mail|e ?mail marketing|sms) (status|preference)"
    r"|consentimiento|acepta|autoriza|einwilligung|werbeeinwilligung|consentement|consenso|consentimento)\b"
)
OF_NEWS = re.compile(
    r"\b(opt(ed)? ?ins?|consents?|newsletter|news|marketing|subscribed|subscription|publicidad|promociones"
    r"|consentimiento|acepta|autoriza|einwilligung|werbeeinwilligung|consentement|consenso|consentimento)\b"
)
OTHER_CONSENTS = re.compile(
    r"\b(fax|hipaa|treatment|photos?|form|informed|signed|procedure|surgery|credit|financing)\b"
)
WAYS = (
    ("email", re.compile(r"\b(e ?mails?|mails?|correos?|mailing)\b")),
    ("text", re.compile(r"\b(sms|texts?|texting|whatsapp|mensajes?)\b")),
    ("call", re.compile(r"\b(calls?|calling|phone|voice|llamar|llamadas?)\b")),
)
NAMES = {"email": "no_email", "text": "no_texts", "call": "no_calls"}

# Cells, plain.
NOTHING = re.compile(r"[0\W_]*")  # also 0000-00-00
NO_REFUSAL = re.compile(r"inactive|never|none|subscribed|opted ?in|opt ?in|allowed|ok|not (opted out|unsubscribed)")
REFUSED = re.compile(
    r"unsub|opt(ed)?[ -]?out|\bdo not\b|\bdnc\b|\bdnd\b|refus|declin|revok|withdr|complain|non[ -]marketing|rechaz"
    r"|\bnot? (allowed|permitted|consented|agreed|ok)\b"
)
REFUSES_ALL = re.compile(
    r"do not (contact|call|text|e ?mail|disturb)|dnc|dnd|unsubscribed?|opt(ed)? ?out|no contactar|no contact"
    r"|remove from list"
)


def refusal_target(words):
    """What a plain heading says of refusals: a name of REFUSING; "" for nothing, None where it cannot be told."""
    is_negative, is_positive = bool(NEGATIVE.search(words)), bool(POSITIVE.search(words))
    if not (is_negative or is_positive) or OTHER_CONSENTS.search(words):
        return ""
    if is_negative and is_positive:
        return None
    ways = [way for way, pattern in WAYS if pattern.search(words)]
    if is_negative:
        return NAMES[ways[0]] if len(ways) == 1 else "no_contact"
    if len(ways) > 1:
        return None
    return f"may_{ways[0]}" if ways else "agreed_news" if OF_NEWS.search(words) else ""


@lru_cache(maxsize=4096)
def refuses(target, text):
    """Whether a cell of a column with this target refuses."""
    words = " ".join(plain_word(text).split())
    if not REFUSING[target].by_yes:
        return read_yes(text) is False or bool(REFUSED.search(words))
    return not (NOTHING.fullmatch(words) or read_yes(text) is False or NO_REFUSAL.fullmatch(words))


@lru_cache(maxsize=4096)
def word_refuses(text):
    """Whether one of the words of a status or a tag says that somebody is to be left in peace."""
    pieces = re.split(r"[,;|\n]", plain_word(text))
    return any(REFUSES_ALL.fullmatch(" ".join(re.findall(r"[^\W_]+", piece))) for piece in pieces)
