"""What can be heard in a message: a mood, if it is clear, and whether somebody needs help now. Pure.

The mood is read by VADER (Hutto & Gilbert 2014), which knows English: other languages are neutral. Words of urgency are
looked for in English and Spanish, whole words only, and not where they are denied.
"""

import re
import unicodedata
from functools import cache

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from inbox.models import Sentiment

SURE = 0.4  # of VADER's compound value, -1 to 1; its authors call ±0.05 a leaning
READ = 2000  # characters of a message
WORD = re.compile(r"[^\W\d_]+")
# Some small words of English: a text without any is in another language, or too short to have a mood.
ENGLISH = frozenset(
    {
        "the", "a", "an", "i", "you", "we", "they", "it", "is", "are", "was", "were", "to", "of", "and", "for", "in",
        "on", "my", "your", "our", "this", "that", "not", "no", "do", "did", "have", "has", "with", "so", "very", "be",
        "am", "at", "but", "can", "cannot", "will", "would", "thanks", "thank", "please", "love", "hate", "great",
    }
)  # fmt: skip
URGENT = [
    r"bleed(?:s|ing)?", r"blood", r"emergency", r"urgent(?:ly)?", r"(?:severe|terrible|unbearable|extreme|awful) pain",
    r"in (?:a lot of |so much |severe |great )?pain", r"hurts? (?:so |very |really )?(?:bad(?:ly)?|much|a lot)",
    r"swell(?:s|ing)|swollen", r"infect(?:ed|ion)", r"knocked out", r"can(?:not|t|'t) (?:breathe|swallow|stop)",
    r"allergic reaction", r"fever", r"passed out", r"faint(?:ed|ing)", r"pus", r"911",
    r"sangr(?:a|e|o|ando|ado)", r"sangrado", r"emergencia", r"urgente(?:mente)?", r"urgencia",
    r"(?:mucho|fuerte|terrible|tremendo|insoportable) dolor", r"dolor (?:muy )?(?:fuerte|terrible|insoportable)",
    r"me duele (?:mucho|demasiado|muchisimo)", r"hinchad[oa]s?|hinchazon", r"infeccion|infectad[oa]", r"fiebre",
    r"no puedo (?:respirar|tragar)", r"reaccion alergica", r"desmay(?:o|e|ado|ada)", r"pus",
]  # fmt: skip
IS_URGENT = re.compile(rf"(?<!\w)(?:{'|'.join(URGENT)})(?!\w)")
DENIED = re.compile(
    r"(?:\bno|\bnot|\bno longer|\bwithout|\bisn'?t|\bnever|\bstopped|\bsin|\bya no|\bno es|\bno hay|\bno tengo)"
    r"(?:\s+(?:an?|any|the|more|really|una?|ningun[ao]?|tengo|hay|es))*\s*$"
)


def mood_of(text):
    """The Sentiment of a text; neutral when it is not clear, or not English."""
    text = text[:READ]
    words = WORD.findall(text.casefold())
    if not words or not ENGLISH & set(words):
        return Sentiment.NEUTRAL
    value = _reader().polarity_scores(text)["compound"]
    if abs(value) < SURE:
        return Sentiment.NEUTRAL
    return Sentiment.POSITIVE if value > 0 else Sentiment.NEGATIVE


def is_urgent(text):
    """Whether a text names pain, bleeding or an emergency, and does not say that there is none."""
    plain = unicodedata.normalize("NFD", text[:READ].casefold().replace("’", "'"))
    plain = " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())
    return any(
        not DENIED.search(plain[max(0, found.start() - 40) : found.start()]) for found in IS_URGENT.finditer(plain)
    )


@cache
def _reader():
    return SentimentIntensityAnalyzer()
