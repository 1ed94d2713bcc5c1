"""Reading labelled answers in whatever words a form asks: from ("Teléfono", "312 555 0147") to fields of a lead."""

from dataclasses import dataclass, field
from datetime import UTC

from clinics.tables.values import read_moment
from crm.importing.mapping import guess_mapping, plain
from crm.importing.values import split_name
from crm.inquiries import LEAD_FIELDS, TOUCH_FIELDS, Inquiry
from crm.models import LeadSource, TreatmentInterest

# What forms and advertising platforms call things that a file of another system does not hold.
CALLED = {
    "province": "state",
    "region": "state",
    "zip": "postal_code",
    "zip code": "postal_code",
    "post code": "postal_code",
    "street address": "address_line1",
    "work email": "email",
    "work phone": "phone",
    "reply to": "email",
    "date of birth": "patient_dob",
    "birth date": "patient_dob",
    "birthday": "patient_dob",
    "dob": "patient_dob",
    "fecha de nacimiento": "patient_dob",
    "insurance": "insurance_carrier",
    "insurance carrier": "insurance_carrier",
    "insurance provider": "insurance_carrier",
    "insurance company": "insurance_carrier",
    "seguro": "insurance_carrier",
    "member id": "insurance_member_id",
    "insurance member id": "insurance_member_id",
    "best time": "preferred_time",
    "best time to call": "preferred_time",
    "preferred time": "preferred_time",
    "treatment": "treatment_interest",
    "service": "treatment_interest",
    "interested in": "treatment_interest",
    "i am interested in": "treatment_interest",
    "question": "notes",
    "how can we help": "notes",
    "how can we help you": "notes",
    "your message": "notes",
    "mensaje": "notes",
    "gcl id": "gclid",
    "page url": "landing_page",
    "landing page": "landing_page",
    "referer": "referrer",
}
LONGEST_LABEL = 120


@dataclass
class Answers:
    """What a form said: `values` by field of a lead, `touch` by field of a touch, and the questions of its own."""

    values: dict = field(default_factory=dict)
    touch: dict = field(default_factory=dict)
    own: list = field(default_factory=list)

    @property
    def has_address(self):
        return bool(self.values.get("phone") or self.values.get("email"))

    def inquiry(self, clinic):
        """The same as an Inquiry; answers to questions of the form's own join the person's words, where a clinic
        keeps such on leads at all."""
        values = dict(self.values)
        if clinic.asks_full_names and self.own:
            words = [values.get("notes", ""), *(f"{label}: {text}" for label, text in self.own)]
            values["notes"] = "\n".join(filter(None, words))
        return Inquiry(values=values, touch=dict(self.touch))


def is_understood(label):
    """Whether a label alone tells which field is meant."""
    if plain(label) in CALLED or label in LEAD_FIELDS or label in TOUCH_FIELDS:
        return True
    return bool(guess_mapping([label], [])[0].target)


def read_answers(pairs, *, called=None):
    """Read (label, text) pairs; `called` says for some labels which field is meant. The first of two answers counts."""
    answers = Answers()
    pairs = [(str(label)[:LONGEST_LABEL], text) for label, text in pairs if text]
    known = {plain(label): target for label, target in (CALLED | (called or {})).items()}
    open_pairs = []
    for label, text in pairs:
        target = known.get(plain(label)) or (label if label in (*LEAD_FIELDS, *TOUCH_FIELDS) else "")
        if target:
            _take(answers, target, label, text)
        else:
            open_pairs.append((label, text))
    guesses = guess_mapping([label for label, _text in open_pairs], [[text for _label, text in open_pairs]])
    for guess, (label, text) in zip(guesses, open_pairs, strict=True):
        _take(answers, guess.target, label, text)
    return answers


def _take(answers, target, label, text):
    """Put one answer where it belongs, or among the form's own questions."""
    if target == "full_name":
        first, last = split_name(text)
        if not (answers.values.get("first_name") or answers.values.get("last_name")):
            answers.values |= {"first_name": first, "last_name": last}
    elif target == "source":
        known = LeadSource.objects.called(text)
        answers.values.setdefault(*(("source", known) if known else ("source_detail", text)))
    elif target == "treatment_interest":
        answers.values.setdefault("treatment_interest", interests_in(text))
    elif target == "patient_dob":
        day = read_moment(text, day_first=False, zone=UTC)
        if day is None:
            answers.own.append((label, text))
        else:
            answers.values.setdefault("patient_dob", day.date())
    elif target in TOUCH_FIELDS:
        answers.touch.setdefault(target, text)
    elif target in LEAD_FIELDS and target not in answers.values:
        answers.values[target] = text
    elif target not in ("created_at", "external_id"):
        answers.own.append((label, text))


def interests_in(text):
    """The treatment interests that a text names, by code or label, and its own words for what is not on our list."""
    known = {}
    for interest in TreatmentInterest:
        known |= {plain(interest.value): interest.value, plain(str(interest.label)): interest.value}
    parts = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    return [known.get(plain(part), part) for part in parts]
