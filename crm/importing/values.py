"""What the text of one cell means of a person: names, numbers to dial, yes and no. None where it means nothing."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from clinics.tables.values import plain_word
from crm.importing import words

PARTICLES, TITLES, SUFFIXES, YES, NO = (
    frozenset(listed.split()) for listed in (words.PARTICLES, words.TITLES, words.SUFFIXES, words.YES, words.NO)
)


def read_phone(text, region):
    """E.164 of a number as people write it, or None; `region` is where a number without country code belongs."""
    number = re.sub(r"^(tel|phone|p|t|m)?:\s*", "", text.strip().lstrip("'"), flags=re.IGNORECASE)
    number = _written_out(re.sub(r"(?<=\d)\.0$", "", number))
    tries = [(number, region)]
    if number.startswith("00"):
        tries.append(("+" + number[2:], None))
    digits = re.sub(r"\D", "", number)
    if not number.startswith("+") and 11 <= len(digits) <= 15 and not digits.startswith("0"):
        tries.append(("+" + digits, None))
    for candidate, where in tries:
        try:
            parsed = phonenumbers.parse(candidate, where)
        except NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    return None


def _written_out(number):
    """The digits of 1.4155550131E+10, if all of them are there."""
    found = re.fullmatch(r"(\d)[.,](\d+)E\+?(\d{1,2})", number, re.IGNORECASE)
    return found[1] + found[2] if found and len(found[2]) == int(found[3]) else number


def read_yes(text):
    """True, False, or None for anything that is neither yes nor no."""
    word = re.sub(r"[^\w]", "", plain_word(text))
    return True if word in YES else False if word in NO else None


def split_name(text):
    """(first, last) of a full name: also "Last, First", particles, titles, suffixes, family names that come first."""
    parts = text.replace("\u3000", " ").strip(" ,").split()
    text = " ".join(parts)
    head, comma, tail = text.partition(",")
    if comma and plain_word(tail).strip(" .") not in SUFFIXES:
        return " ".join(_without_titles(tail.split())), " ".join(head.split())
    parts = _without_titles(text.replace(",", " ").split())
    if len(parts) < 2:
        return (parts[0] if parts else ""), ""
    if any("\u3040" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7af" for letter in parts[0]):
        return " ".join(parts[1:]), parts[0]
    end = len(parts)
    while end > 2 and _bare(parts[end - 1]) in SUFFIXES:
        end -= 1
    begin = next((place for place in range(1, end - 1) if _bare(parts[place]) in PARTICLES), end - 1)
    return " ".join(parts[:begin]), " ".join(parts[begin:])


def _without_titles(parts):
    while len(parts) > 1 and _bare(parts[0]) in TITLES:
        parts = parts[1:]
    return parts


def _bare(word):
    return plain_word(word).replace(".", "")
