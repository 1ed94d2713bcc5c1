"""Makes e-mail addresses and phone numbers out of cells; what could not be used is kept in the notes.

A cleaner takes (target, text, cleaned, rules) and writes into `cleaned`.
"""

import re

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _

from crm.importing.combined import take_apart
from crm.importing.values import read_phone


def clean_email(target, text, cleaned, rules):
    found, others = [], []
    for piece in re.split(r"[\s,;|]+", re.sub(r"^mailto:", "", text, flags=re.IGNORECASE)):
        piece = piece.strip("<>()[]\"'.:")
        if "@" in piece and _is_email(piece):
            local, _at, domain = piece.rpartition("@")
            found.append(f"{local}@{domain.lower()}")
        elif any(letter.isalnum() for letter in piece):
            others.append(piece)
    if not found:
        cleaned.keep(target, text, _("“%(text)s” is not an e-mail address") % {"text": text})
        return
    cleaned.values[target] = found[0]
    if others:
        cleaned.keep(target, text, _("more than an address; the whole cell is in the notes"))
    elif len(found) > 1:
        cleaned.keep(target, ", ".join(found[1:]), _("more than one address; the first is used"))


def _is_email(text):
    try:
        EmailValidator()(text)
    except ValidationError:
        return False
    return len(text) <= 254


def clean_phone(target, text, cleaned, rules):
    whole = read_phone(text, rules.region)
    pieces = [text] if whole else [piece for piece in re.split(r":::|[;,|/\n]| or | y | et ", text) if piece.strip()]
    read = [whole] if whole else [read_phone(piece, rules.region) for piece in pieces]
    numbers = list(dict.fromkeys(filter(None, [*read, *([] if whole else take_apart(text, rules.region).phones)])))
    if not numbers:
        cleaned.keep(target, text, _bad_phone(text))
        return
    cleaned.values[target] = numbers[0]
    if extension := re.search(r"(?:ext|extension|x|#)\.?\s*(\d{1,6})\s*$", text, re.IGNORECASE):
        cleaned.keep(target, text, _("extension %(number)s is in the notes") % {"number": extension[1]})
    elif not all(read):
        cleaned.keep(target, text, _("more than a number; the whole cell is in the notes"))
    cleaned.spare_phones += numbers[1:]


def place_spare_phones(cleaned):
    """The second number of a cell is the other phone, if no column of its own has one; the rest go into the notes."""
    spare = [number for number in cleaned.spare_phones if number != cleaned.values.get("phone_alt")]
    if spare and not cleaned.values.get("phone_alt"):
        cleaned.values["phone_alt"] = spare.pop(0)
    if spare:
        cleaned.keep("phone", ", ".join(spare), _("more than two numbers; the others are in the notes"))


def _bad_phone(text):
    if re.fullmatch(r"\d[.,]\d+E\+?\d+", text, re.IGNORECASE):
        return _("“%(text)s” was shortened by a spreadsheet; its digits are lost") % {"text": text}
    return _("“%(text)s” is not a whole phone number") % {"text": text}
