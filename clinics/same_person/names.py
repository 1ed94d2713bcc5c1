"""Taking names apart and laying them side by side: folded words, how they sound, and in what way two agree."""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from rapidfuzz.distance import OSA

from clinics.normalising import name_key
from clinics.same_person.nicknames import full_names, is_known, may_be_one

WORD = re.compile(r"[^\W_]+")
SUFFIXES = {"jr": 2, "junior": 2, "hijo": 2, "sr": 1, "senior": 1, "padre": 1, "ii": 2, "iii": 3, "iv": 4}
TITLES = {"mr", "mrs", "ms", "miss", "dr", "sr", "sra", "srta", "don", "dona", "prof"}
PARTICLES = {
    "de",
    "del",
    "la",
    "las",
    "los",
    "el",
    "y",
    "da",
    "do",
    "dos",
    "di",
    "van",
    "von",
    "der",
    "den",
    "of",
    "the",
}


class Agreement(Enum):
    """How two first names, or two family names, stand to each other."""

    SAME = "same"
    NICKNAME = "nickname"
    PART = "part"
    TYPO = "typo"
    DOUBTFUL = "doubtful"
    INITIAL = "initial"
    UNKNOWN = "unknown"
    LOOKALIKE = "lookalike"
    DIFFERENT = "different"

    @property
    def agrees(self):
        return self in (Agreement.SAME, Agreement.NICKNAME, Agreement.PART, Agreement.TYPO)

    @property
    def differs(self):
        return self in (Agreement.LOOKALIKE, Agreement.DIFFERENT)


@dataclass(frozen=True, slots=True)
class Name:
    """A name in folded words; `rank` is 1 for the elder and 2 or more for the younger of two who share it, else 0."""

    given: tuple
    family: tuple
    rank: int = 0


@lru_cache(maxsize=20_000)
def read_name(given, family):
    """Take a first and a last name apart: ("José", "Vega-Ruiz Jr.") -> Name(("jose",), ("vega", "ruiz"), 2)."""
    firsts, lasts = WORD.findall(name_key(given)), WORD.findall(name_key(family))
    rank = 0
    for words in (lasts, firsts):
        if len(words) > 1 and words[-1] in SUFFIXES:
            rank = rank or SUFFIXES[words.pop()]
    if len(firsts) > 1 and firsts[0] in TITLES:
        firsts = firsts[1:]
    return Name(_without_particles(firsts), _without_particles(lasts), rank)


def _without_particles(words):
    return tuple(word for word in words if word not in PARTICLES) or tuple(words)


def given_agreement(ours, theirs):
    """How the words of two first names agree."""
    if not ours or not theirs:
        return Agreement.UNKNOWN
    one, other = "".join(ours), "".join(theirs)
    if one == other:
        return Agreement.SAME
    if len(ours[0]) == 1 or len(theirs[0]) == 1:
        return Agreement.INITIAL if ours[0][0] == theirs[0][0] else Agreement.DIFFERENT
    pairs = [(mine, yours) for mine in ("_".join(ours), *ours) for yours in ("_".join(theirs), *theirs)]
    if ours[0] == theirs[0] and min(len(ours), len(theirs)) == 1:
        return Agreement.PART
    if any(mine != yours and may_be_one(mine, yours) for mine, yours in pairs):
        return Agreement.NICKNAME
    if len(ours) != len(theirs) and set(ours) & set(theirs):
        return Agreement.PART
    if not is_misspelt(one, other):
        return Agreement.DIFFERENT
    if _are_two_names(one, other):
        return Agreement.LOOKALIKE
    return Agreement.TYPO if _is_surely_a_slip(one, other) else Agreement.DOUBTFUL


def _are_two_names(one, other):
    """Alike but not the same name: Mario and Maria, Daniel and Daniela, or two names that both are well known."""
    return one.rstrip("aeio") == other.rstrip("aeio") or (is_known(one) and is_known(other))


def _is_surely_a_slip(one, other):
    """Few names are one slip apart if they are long, or if a letter is missing; Mia and Pia, or Kane and Kate, are."""
    if one[0] != other[0] or (OSA.distance(one, other) > 1 and max(len(one), len(other)) < 9):
        return False
    return len(one) != len(other) or sorted(one) == sorted(other) or len(one) > 5


def family_agreement(ours, theirs):
    """How the words of two family names agree; one half of a double name agrees with the whole."""
    if not ours or not theirs:
        return Agreement.UNKNOWN
    one, other = "".join(ours), "".join(theirs)
    if one == other or sorted(ours) == sorted(theirs):
        return Agreement.SAME
    if min(len(one), len(other)) == 1:
        return Agreement.INITIAL if one[0] == other[0] else Agreement.DIFFERENT
    if is_misspelt(one, other):
        return Agreement.TYPO
    short, long = sorted((ours, theirs), key=len)
    if len(long) > 1 and any(word == another or is_misspelt(word, another) for word in short for another in long):
        return Agreement.PART
    return Agreement.DIFFERENT


@lru_cache(maxsize=50_000)
def is_misspelt(one, other):
    """Whether one word is likely the other with a slip or two: letters wrong, missing, doubled, or changed over."""
    longer, shorter = max(len(one), len(other)), min(len(one), len(other))
    if shorter < 3:
        return False
    allowed = 1 if longer < 6 else 2 if longer < 11 else 3
    return OSA.distance(one, other, score_cutoff=allowed) <= allowed


# In this order; what sounds alike in English or in Spanish is written alike.
SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("sch|sh", "s"), ("tch|ch", "x"), ("ph", "f"), ("gh", "g"), ("ck|qu|q", "k"), ("c(?=[eiy])", "s"), ("c", "k"),
        ("g(?=[eiy])", "j"), ("x(?=.)", "x"), ("z", "s"), ("v", "b"), ("n(?=[bpm])", "m"), ("[hwy]", ""),
    )
]  # fmt: skip
VOWELS = re.compile("[aeiou]+")
TWICE = re.compile(r"(.)\1+")


@lru_cache(maxsize=50_000)
def sound_of(word):
    """How a folded word sounds: consonants, alike where English or Spanish say them alike; "a" for a first vowel."""
    text = TWICE.sub(r"\1", word)
    for pattern, sound in SOUNDS:
        text = pattern.sub(sound, text)
    begins_with_vowel = bool(text) and text[0] in "aeiou"
    return TWICE.sub(r"\1", ("a" if begins_with_vowel else "") + VOWELS.sub("", text)) or word[:1]


def sounds_of_given(words):
    """The sounds under which a first name is looked for: of the full names that its words may stand for."""
    return list(dict.fromkeys(sound_of(full) for word in words[:2] for full in full_names(word)[:2]))[:3]
