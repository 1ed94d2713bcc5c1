"""What the columns of a file refuse, which `clinics.tables.refusal_headings` tells, and the words that say so in a row.

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
