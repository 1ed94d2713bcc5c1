"""Guesses which field of a lead each column of a file means, by its heading and by what stands under it.

A guess is an offer: the person who imports sees the reason and may change it. Columns that mean nothing to us have no
target; their content is kept beside the lead, never thrown away.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rapidfuzz import fuzz, process

from clinics.tables.headings import OF_GROUP, own_name
from clinics.tables.refusal_headings import refusal_target
from crm.importing.combined import holds_a_person
from crm.importing.refusing import REFUSING
from crm.importing.words import HEADINGS, SIGNS

IGNORE = "ignore"
KEPT = ""  # no field of ours: the content is kept with the lead as it came
TARGETS = {
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "full_name": gettext_lazy("Full name"),
    "combined": gettext_lazy("Name, e-mail and phone in one"),
    "patient_first_name": gettext_lazy("Patient’s first name"),
    "patient_last_name": gettext_lazy("Patient’s last name"),
    "patient_dob": gettext_lazy("Patient’s birth date"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "phone_alt": gettext_lazy("Other phone"),
    "source": gettext_lazy("Source"),
    "source_detail": gettext_lazy("Source, in detail"),
    "source_campaign": gettext_lazy("Campaign"),
    "stage": gettext_lazy("Stage"),
    "status": gettext_lazy("Status"),
    "tags": gettext_lazy("Tags"),
    "notes": gettext_lazy("Notes"),
    "external_id": gettext_lazy("Number in the other system"),
    "created_at": gettext_lazy("Came in on"),
    "expected_value": gettext_lazy("Expected value"),
    "treatment_interest": gettext_lazy("Treatment interest"),
    "insurance_carrier": gettext_lazy("Insurance"),
    "insurance_member_id": gettext_lazy("Insurance member id"),
    "address_line1": gettext_lazy("Street"),
    "city": gettext_lazy("City"),
    "state": gettext_lazy("State"),
    "postal_code": gettext_lazy("Postal code"),
    "country": gettext_lazy("Country"),
    "preferred_contact": gettext_lazy("Preferred contact"),
    "ad_platform": gettext_lazy("Ad platform"),
    "assigned_to": gettext_lazy("Coordinator"),
    "converted": gettext_lazy("Became a patient"),
    "utm_source": gettext_lazy("utm_source"),
    "utm_medium": gettext_lazy("utm_medium"),
    "utm_campaign": gettext_lazy("utm_campaign"),
    "utm_term": gettext_lazy("utm_term"),
    "utm_content": gettext_lazy("utm_content"),
    "gclid": gettext_lazy("Google click"),
    "fbclid": gettext_lazy("Facebook click"),
    "landing_page": gettext_lazy("Landing page"),
    "referrer": gettext_lazy("Referring page"),
    "no_contact": gettext_lazy("Refuses every contact"),
    "no_email": gettext_lazy("Refuses e-mails"),
    "no_texts": gettext_lazy("Refuses texts"),
    "no_calls": gettext_lazy("Refuses calls"),
    "may_email": gettext_lazy("E-mails allowed"),
    "may_text": gettext_lazy("Texts allowed"),
    "may_call": gettext_lazy("Calls allowed"),
    "agreed_news": gettext_lazy("Agreed to news"),
    IGNORE: gettext_lazy("Leave out"),
}
SECOND_BEST = {"phone": "phone_alt", "source": "source_detail"}
SIMILAR = 88
SAMPLE = 200
ENOUGH = 0.8  # this share of the cells must look like it
SURE_BY_CONTENT = {"combined": 0.7, "email": 0.9, "phone": 0.75, "created_at": 0.4, "full_name": 0.4}
# A date under such a heading is not the day on which somebody came in, whatever it looks like.
OTHER_DAYS = frozenset(
    {
        "activity", "appointment", "appt", "birth", "birthday", "born", "cita", "cierre", "close", "closed", "closing",
        "consult", "consultation", "contacted", "converted", "dob", "due", "end", "event", "exam", "expected", "follow",
        "last", "lost", "modified", "nacimiento", "next", "proxima", "recall", "scheduled", "start", "treatment",
        "ultima", "ultimo", "update", "updated", "visit", "won",
    }
)  # fmt: skip
# What other systems put before the name of a field: “Deal - Owner”, “Invitee First Name”.
WHOSE = frozenset(
    {
        "client", "contact", "customer", "dad", "deal", "father", "guardian", "guest", "invitee", "lead", "mom",
        "mother", "parent", "person", "prospect",
    }
)  # fmt: skip
NOT_ASKED = frozenset({"child", "patient", "student"})  # beside them somebody else is reached, and decides
WORDY = {"treatment_interest", "source", "source_detail", "source_campaign", "stage", "status", "tags", "full_name"}
ANSWERS = {
    "yes",
    "no",
    "maybe",
    "true",
    "false",
    "y",
    "n",
    "0",
    "1",
    "si",
    "sí",
    "oui",
    "non",
    "ja",
    "nein",
    "sim",
    "não",
}
EMAIL = re.compile(r"(?:mailto:)?[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]{2,}")
PHONE = re.compile(r"(?:tel:|p:)?\+?[\d\s().\-/]{7,22}(?:\s*(?:x|ext\.?)\s*\d{1,6})?")
DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}([ ,].*)?")
NAME = re.compile(r"[^\W\d_][^\W\d_.'’\-]+(?:[ ,]+[^\W\d_][^\W\d_]*[.'’\-]?[^\W\d_]*){1,4}")


@dataclass(frozen=True)
class Guess:
    column: int
    header: str
    target: str
    confidence: float
    reason: str


def guess_mapping(headers, rows):
    """One Guess for each heading, in order; `rows` are some of the rows' cells. No field is offered twice."""
    sample = [cells for cells in rows[:SAMPLE] if len(cells) == len(headers)]
    offers = [
        _offer(place, header, [cells[place].strip() for cells in sample if cells[place].strip()])
        for place, header in enumerate(headers)
    ]
    return _settle_names(_without_repeats(offers))


def plain(heading):
    """A heading without case, accents, signs and the ways of joining words; signs that mean a field become its word."""
    for sign, word in SIGNS.items():
        heading = heading.replace(sign, f" {word} ")
    heading = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    folded = unicodedata.normalize("NFKD", heading.casefold().replace("ß", "ss"))
    kept = "".join(
        letter for letter in folded if not unicodedata.combining(letter) or not "\u0300" <= letter <= "\u036f"
    )
    return " ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", kept)))


@cache
def _known():
    return {plain(word): target for target, words in HEADINGS.items() for word in words.split("|")}


def is_known_heading(text):
    """Whether other systems call a field of ours so."""
    return plain(text) in _known()


def _offer(place, header, values):
    named = _by_heading(place, header)
    if named.target in REFUSING:
        return named
    seen, share = _by_content(values)
    if named.target in ("email", "phone", "phone_alt") and len(values) >= 3:
        looked_for = "phone" if named.target == "phone_alt" else named.target
        if seen and seen != looked_for and share >= ENOUGH:
            return _from_content(place, header, seen, 0.8)
    if named.target in WORDY and values and all(value.casefold() in ANSWERS for value in values):
        return Guess(place, header, KEPT, 0.0, _("the cells are yes and no; kept with the lead"))
    if named.target or not seen or (seen == "created_at" and OTHER_DAYS & set(plain(header).split())):
        return named
    return _from_content(place, header, seen, SURE_BY_CONTENT[seen])


def _by_heading(place, header):
    words = plain(re.sub(r"\s*\(\d+\)$", "", header))
    if target := _known().get(words):
        return Guess(place, header, target, 0.98, _("the heading says so"))
    if OF_GROUP in header and (target := _known().get(plain(own_name(header)))):
        group = plain(header.rpartition(OF_GROUP)[0])
        return Guess(place, header, target, 0.8 if group in NOT_ASKED else 0.85, _("the heading says so"))
    if refusal := refusal_target(words):
        return Guess(place, header, refusal, 0.95, _("the heading says so"))
    if refusal is None:
        return Guess(place, header, KEPT, 0.0, _("speaks of consent, and not clearly of which; kept with the lead"))
    whose, _space, rest = words.partition(" ")
    if whose in WHOSE and (target := _known().get(rest)):
        return Guess(place, header, target, 0.9, _("the heading says so"))
    if len(words) > 4:
        near = process.extractOne(words, _known().keys(), scorer=fuzz.token_sort_ratio, score_cutoff=SIMILAR)
        if near:
            return Guess(
                place,
                header,
                _known()[near[0]],
                round(near[1] / 100 - 0.1, 2),
                _("the heading is like “%(word)s”") % {"word": near[0]},
            )
    return Guess(place, header, KEPT, 0.0, _("nothing of ours; kept with the lead"))


def _by_content(values):
    """The kind of thing that most of these cells look like, and how many of them do."""
    if not values:
        return "", 0.0
    kinds = [
        ("combined", holds_a_person),
        ("email", EMAIL.fullmatch),
        ("created_at", DATE.fullmatch),
        ("phone", _is_phone_like),
    ]
    for kind, looks in kinds:
        share = sum(1 for value in values if looks(value)) / len(values)
        if share >= ENOUGH:
            return kind, share
    names = [value for value in values if NAME.fullmatch(value)]
    if len(values) >= 3 and len(names) / len(values) >= ENOUGH and len(set(names)) > 0.8 * len(names):
        return "full_name", len(names) / len(values)
    return "", 0.0


def _is_phone_like(value):
    digits = sum(letter.isdigit() for letter in value)
    return bool(PHONE.fullmatch(value)) and (7 <= digits <= 15) and (not value.isdigit() or digits in (10, 11, 12))


def _from_content(place, header, target, confidence):
    reason = {
        "combined": _("the cells hold a name and an address each"),
        "email": _("the cells look like e-mail addresses"),
        "phone": _("the cells look like phone numbers"),
        "created_at": _("the cells look like dates"),
        "full_name": _("the cells look like names"),
    }[target]
    return Guess(place, header, target, confidence, reason)


def _without_repeats(offers):
    """Each field goes to its surest column; a second phone becomes the other phone, anything else is kept as it is.

    What somebody refuses may stand in several columns.
    """
    taken, settled = set(), {}
    for offer in sorted(offers, key=lambda guess: (-guess.confidence, guess.column)):
        target, confidence, reason = offer.target, offer.confidence, offer.reason
        if target in taken and SECOND_BEST.get(target, target) not in taken:
            target, confidence = SECOND_BEST[target], min(confidence, 0.7)
        elif target in taken:
            reason = _("another column is already the %(field)s; kept with the lead") % {
                "field": TARGETS[target].lower()
            }
            target, confidence = KEPT, 0.0
        if target != KEPT and target not in REFUSING:
            taken.add(target)
        settled[offer.column] = Guess(offer.column, offer.header, target, confidence, reason)
    return [settled[column] for column in sorted(settled)]


def _settle_names(guesses):
    """“Name” is the last name beside a first one (Vorname, Name), the first beside a last one (Nombre, Apellidos)."""
    halves = {guess.target for guess in guesses} & {"first_name", "last_name"}
    if not halves:
        return guesses
    other_half = {"first_name", "last_name"} - halves
    target, confidence = (other_half.pop(), 0.85) if other_half else (KEPT, 0.0)
    reason = _("another part of the name has a column of its own")
    return [
        Guess(guess.column, guess.header, target, confidence, reason) if guess.target == "full_name" else guess
        for guess in guesses
    ]
