"""One cell that holds a whole person: “Ana Ruiz <ana@example.com> +1 312 555 0131”."""

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberMatcher

EMAIL = re.compile(r"[^\s<>()\[\],;:\"'|]+@[^\s<>()\[\],;:\"'|]+\.[^\s<>()\[\],;:\"'|.]{2,}")
LABELS = re.compile(
    r"\b(e-?mail|mail|correo|tel(efono|éfono|efon)?|phone|mobile|cell|m[oó]vil|name|nombre)\s*:", re.IGNORECASE
)
EDGES = " \t\n<>()[]{},;|/·•:–—-\"'"


@dataclass(frozen=True)
class WholePerson:
    name: str
    emails: tuple
    phones: tuple


def take_apart(text, region):
    """The name, the e-mail addresses and the phone numbers (E.164) that stand in one cell."""
    emails = tuple(dict.fromkeys(EMAIL.findall(re.sub(r"mailto:", "", text, flags=re.IGNORECASE))))
    rest = EMAIL.sub(" \n ", text)
    phones = []
    for found in list(PhoneNumberMatcher(rest, region))[::-1]:
        phones.insert(0, phonenumbers.format_number(found.number, PhoneNumberFormat.E164))
        rest = f"{rest[: found.start]} \n {rest[found.end :]}"
    pieces = [" ".join(piece.strip(EDGES).split()) for piece in re.split(r"[\n|;]", LABELS.sub(" ", rest))]
    name = next((piece for piece in pieces if any(letter.isalpha() for letter in piece)), "")
    return WholePerson(name, emails, tuple(dict.fromkeys(phones)))


def holds_a_person(text):
    """Whether a cell has an e-mail address and words beside it."""
    rest = re.sub(r"mailto:", "", EMAIL.sub("", text), flags=re.IGNORECASE)
    return bool(EMAIL.search(text)) and sum(letter.isalpha() for letter in LABELS.sub(" ", rest)) >= 2
