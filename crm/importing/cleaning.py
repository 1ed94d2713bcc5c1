"""Makes values of a lead out of one row of text, and says about everything that it could not use.

A *problem* stops the row from being imported. A *warning* does not: what could not be used is kept in the notes, in the
words of the file. Nothing is dropped in silence.
"""

import datetime as dt
import re
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _
from phonenumbers import SUPPORTED_REGIONS

from clinics.tables.values import (
    plain_word,
    read_cents,
    read_moment,
)
from crm.importing.combined import take_apart
from crm.importing.mapping import IGNORE, KEPT, TARGETS
from crm.importing.reaching import clean_email, clean_phone, place_spare_phones
from crm.importing.refusing import ALL, EVERY_WAY, REFUSING, WORDS_OF, refuses, word_refuses
from crm.importing.values import read_yes, split_name
from crm.importing.words import CONTACT_WAYS, STATUSES

LENGTHS = {
    "first_name": 80,
    "last_name": 80,
    "patient_first_name": 80,
    "patient_last_name": 80,
    "source": 120,
    "source_detail": 255,
    "source_campaign": 160,
    "address_line1": 160,
    "city": 80,
    "state": 80,
    "postal_code": 20,
    "country": 60,
    "ad_platform": 40,
    "external_id": 120,
    "utm_source": 120,
    "utm_medium": 120,
    "utm_campaign": 120,
    "utm_term": 120,
    "utm_content": 120,
    "landing_page": 500,
    "referrer": 500,
    "tags": 60,
    "treatment_interest": 80,
    "insurance_carrier": 120,
    "insurance_member_id": 120,
}
BLANKS = frozenset(
    {"n/a", "#n/a", "none", "null", "nil", "undefined", "-", "--", "—", "?", "(blank)", "select", "not provided"}
)
OUR_OWN = frozenset({"answers", "language"})  # what we keep beside a lead ourselves under these names
NAMES = frozenset({"first_name", "last_name", "full_name", "patient_first_name", "patient_last_name"})
STATUS_OF = {word: status for status, words in STATUSES.items() for word in words.split()}
WAY_OF = {word: way for way, words in CONTACT_WAYS.items() for word in words.split()}


@dataclass
class Cleaned:
    """`values` for the lead by target, `extra` by heading, `problems` and `warnings` as (target, message).

    `refusals` are what the row says of being left in peace: (channels, purposes, the words).
    """

    values: dict = field(default_factory=dict)
    extra: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)
    warnings: list = field(default_factory=list)
    kept: list = field(default_factory=list)
    spare_phones: list = field(default_factory=list)
    refusals: list = field(default_factory=list)

    @property
    def is_importable(self):
        return not self.problems

    def keep(self, target, text, message):
        """Warn about `text` and keep it in the notes."""
        self.warnings.append((target, message))
        self.kept.append(f"{TARGETS[target]}: {text}")


def clean_row(cells, targets, headers, rules):
    """The Cleaned lead of one row; `targets` and `headers` name its columns in order."""
    cleaned = Cleaned()
    texts = {}
    for cell, target, header in zip(cells, targets, headers, strict=True):
        text = _tidy(cell)
        _note_refusal(target, header, text, cleaned)
        if (target == KEPT or target in REFUSING) and text:
            cleaned.extra[header.capitalize() if header in OUR_OWN else header] = text
        elif target not in (KEPT, IGNORE) and text and not _is_blank(target, text):
            texts[target] = text
            if target == "status":
                cleaned.extra[header] = text
    if texts.get("country", "").upper() in SUPPORTED_REGIONS:
        rules = replace(rules, region=texts["country"].upper())
    for target, text in sorted(texts.items(), key=lambda pair: pair[0] == "combined"):
        _CLEANERS.get(target, _clean_text)(target, text, cleaned, rules)
    place_spare_phones(cleaned)
    _judge(texts, cleaned, rules)
    if cleaned.kept:
        cleaned.values["notes"] = "\n".join(filter(None, [cleaned.values.get("notes"), *cleaned.kept]))
    return cleaned


def _note_refusal(target, header, text, cleaned):
    if target in REFUSING and text and refuses(target, text):
        column = REFUSING[target]
        cleaned.refusals.append((column.channels, column.purposes, f"{header}: {text}"))
    elif target in WORDS_OF and word_refuses(text):
        cleaned.refusals.append((EVERY_WAY, ALL, f"{header}: {text}"))


def _tidy(cell):
    """Without control characters and outer space; inner line breaks stay."""
    cell = re.sub(
        r"[\x00-\x08\x0b-\x1f\x7f\u200b\u200e\u200f\u2060\ufeff\ud800-\udfff]", "", cell.replace("\r\n", "\n")
    )
    return cell.replace("\u00a0", " ").strip()


def _is_blank(target, text):
    if target in NAMES:
        return not any(letter.isalnum() for letter in text) or text.casefold() in ("n/a", "#n/a", "(blank)")
    return text.casefold() in BLANKS


def _clean_text(target, text, cleaned, rules):
    text = " ".join(text.split())
    longest = LENGTHS.get(target, 255)
    if len(text) > longest:
        cleaned.keep(target, text, _too_long(longest))
    cleaned.values[target] = text[:longest].strip()


def _clean_notes(target, text, cleaned, rules):
    cleaned.values[target] = text


def _clean_full_name(target, text, cleaned, rules):
    for part, name in zip(("first_name", "last_name"), split_name(text), strict=True):
        if name and not cleaned.values.get(part):
            _clean_text(part, name, cleaned, rules)


def _clean_combined(target, text, cleaned, rules):
    """Fill in what no column of its own has said; what speaks against one is kept in the notes."""
    person = take_apart(text, rules.region)
    if not (person.name or person.emails or person.phones):
        cleaned.keep(target, text, _("“%(text)s” holds no name, e-mail or phone number") % {"text": text})
    if person.name and not (cleaned.values.get("first_name") or cleaned.values.get("last_name")):
        _clean_full_name("full_name", person.name, cleaned, rules)
    found = {"email": list(person.emails), "phone": list(person.phones)}
    for name, values in found.items():
        others = [value for value in values if value.lower() != cleaned.values.get(name, "").lower()]
        if others and name not in cleaned.values:
            cleaned.values[name] = others.pop(0)
        if name == "phone":
            cleaned.spare_phones += others
        elif others:
            cleaned.keep(name, ", ".join(others), _("more than one address; the first is used"))


def _clean_moment(target, text, cleaned, rules):
    moment = read_moment(text, day_first=rules.day_first, zone=rules.zone)
    if moment is None:
        cleaned.keep(target, text, _("“%(text)s” is not a date") % {"text": text})
    elif moment > dt.datetime.now(dt.UTC) + dt.timedelta(days=1):
        cleaned.keep(target, text, _("%(text)s is in the future") % {"text": text})
    else:
        cleaned.values[target] = moment


def _clean_birth(target, text, cleaned, rules):
    moment = read_moment(text, day_first=rules.day_first, zone=rules.zone)
    day, today = moment.date() if moment else _long_ago(text), dt.datetime.now(dt.UTC).date()
    if day and day > today and not re.search(r"\d{4}", text):  # 58 is not 2058
        day = day.replace(year=day.year - 100, day=min(day.day, 28) if (day.month, day.day) == (2, 29) else day.day)
    if day is None or day > today:
        cleaned.keep(target, text, _("“%(text)s” is not a birth date") % {"text": text})
    else:
        cleaned.values[target] = day


def _long_ago(text):
    """A day before 1955 as Excel counts it, which of any other day than a birth would make no sense."""
    return dt.date(1899, 12, 30) + dt.timedelta(days=int(text)) if re.fullmatch(r"1\d{4}", text) else None


def _clean_money(target, text, cleaned, rules):
    cents = read_cents(text, rules.decimal_mark)
    if cents is None or cents < 0:
        cleaned.keep(target, text, _("“%(text)s” is not an amount of money") % {"text": text})
    elif cents:
        cleaned.values[f"{target}_cents"] = cents


def _clean_yes(target, text, cleaned, rules):
    answer = read_yes(text)
    if answer is None:
        cleaned.keep(target, text, _("“%(text)s” is neither yes nor no") % {"text": text})
    else:
        cleaned.values[target] = answer


def _clean_list(target, text, cleaned, rules):
    pieces, longest = {}, LENGTHS[target]
    for piece in re.split(r"[,;|\n]", text):
        piece = " ".join(piece.split()).strip("[]\"' ").lstrip("#")
        if len(piece) > longest:
            cleaned.keep(target, piece, _too_long(longest))
        if piece:
            pieces.setdefault(piece.casefold(), piece[:longest].strip())
    cleaned.values[target] = list(pieces.values())


def _too_long(longest):
    return _("longer than %(count)d letters; the whole is in the notes") % {"count": longest}


def _clean_choice(known):
    def clean(target, text, cleaned, rules):
        word = re.sub(r"[\W_]", "", plain_word(text))
        if word in known:
            cleaned.values[target] = known[word]
        else:
            cleaned.keep(target, text, _("“%(text)s” is not known here") % {"text": text})

    return clean


def _judge(texts, cleaned, rules):
    """A row needs somebody to speak of and, in a file of people with phones or e-mails, a hint how to reach them."""
    values = cleaned.values
    unread = [
        (target, message)
        for target, message in cleaned.warnings
        if target in ("phone", "phone_alt", "email") and target not in values
    ]
    someone = any(values.get(name) for name in ("first_name", "last_name", "external_id"))
    reachable = any(values.get(way) for way in ("phone", "phone_alt", "email"))
    if not (someone or reachable):
        cleaned.problems += unread or [("full_name", _("Neither a name nor a phone number nor an e-mail address"))]
    elif rules.has_contact_columns and not reachable:
        if not unread:
            cleaned.problems.append(("phone", _("Neither a phone number nor an e-mail address")))
        elif all(target == "email" for target, _message in unread):
            cleaned.problems += unread
    if rules.refuse_bad_phones:
        cleaned.problems += [
            (target, message)
            for target, message in unread
            if target == "phone" and (target, message) not in cleaned.problems
        ]
    cleaned.warnings = [warning for warning in cleaned.warnings if warning not in cleaned.problems]


_CLEANERS = {
    "full_name": _clean_full_name,
    "combined": _clean_combined,
    "email": clean_email,
    "phone": clean_phone,
    "phone_alt": clean_phone,
    "created_at": _clean_moment,
    "patient_dob": _clean_birth,
    "expected_value": _clean_money,
    "converted": _clean_yes,
    "tags": _clean_list,
    "treatment_interest": _clean_list,
    "notes": _clean_notes,
    "status": _clean_choice(STATUS_OF),
    "preferred_contact": _clean_choice(WAY_OF),
}
