"""Short forms of first names, English and Spanish: nicknames.txt, one name a line with what its bearers are called.

A word may stand in several lines ("pat"); two words can mean the same person if they share a line.
"""

from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


def _lines(name):
    text = (HERE / name).read_text(encoding="utf-8")
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]


@cache
def _lines_of_words():
    found = {}
    for words in _lines("nicknames.txt"):
        for word in words:
            found.setdefault(word, []).append(words[0])
    return {word: tuple(dict.fromkeys(firsts)) for word, firsts in found.items()}


@cache
def _others():
    return frozenset(word for words in _lines("first_names.txt") for word in words)


def full_names(word):
    """The full first names that a word can stand for, itself if none: "bob" -> ("robert",), "zoe" -> ("zoe",)."""
    return _lines_of_words().get(word, (word,))


def is_known(word):
    """Whether a word is a first name of its own, or a short form: then it is no misspelling of another one."""
    return word in _lines_of_words() or word in _others()


def may_be_one(word, other):
    """Whether two different words can be first names of the same person."""
    return not set(full_names(word)).isdisjoint(full_names(other))
