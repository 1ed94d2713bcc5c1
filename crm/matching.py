"""Who may be here already: people who share a phone number or e-mail, and names that are, or begin, alike."""

from dataclasses import dataclass, field
from uuid import UUID

from phonenumbers import country_code_for_region

from clinics.normalising import email_norm, name_key, phone_digits, phone_e164
from clinics.same_person.comparing import Comparison, Person, Verdict, compare
from crm.duplicates.finding import named_alike, sharing_contact
from crm.duplicates.people import person_of
from crm.models import Lead
from patients.matching import find_patients
from patients.models import Patient

AT_MOST = 5
SHORTEST_NAME = 3
SHORTEST_NUMBER = 7


@dataclass(frozen=True)
class Match:
    """One lead or patient who may be the same person, or of the same family; `by` is phone, email or name."""

    by: str
    comparison: Comparison
    lead: Lead | None = None
    patient: Patient | None = None

    @property
    def somebody(self):
        return self.lead or self.patient

    @property
    def is_same(self):
        return self.comparison.verdict == Verdict.SAME

    @property
    def is_relative(self):
        """Reached by the same phone or e-mail, under a name of their own."""
        return self.comparison.verdict == Verdict.HOUSEHOLD

    @property
    def asks(self):
        """Whether a lead beside this one is saved only by somebody who has seen it."""
        return self.by != "name" or self.comparison.is_for_review


@dataclass
class Matches:
    """What was found; `phone_unreadable` says that the number cannot be dialed as it is written."""

    people: list = field(default_factory=list)
    phone_unreadable: bool = False
    must_ask: bool = False

    @property
    def shared(self):
        """Those with the very same number or e-mail."""
        return [match for match in self.people if match.by != "name"]

    @property
    def asking(self):
        """Those asked about before a lead is saved: the same number or e-mail, or a whole name that is alike."""
        return [match for match in self.people if match.asks]

    def are_known_to(self, seen):
        """Whether everybody of importance was shown already (`seen`: their ids, as text)."""
        return {str(match.somebody.pk) for match in self.asking} <= set(seen)

    def ask(self):
        """Say that the lead was not saved yet."""
        self.must_ask = True


def find_matches(clinic, typed, *, besides=None, with_patients=False):
    """Look for people by what was typed so far (names, phone, email, address, birth date); returns Matches.

    `besides` is the lead that is being edited: it does not match itself. Patients are found `with_patients` only.
    """
    phone = (typed.get("phone") or "").strip()
    number = phone_e164(phone, region=clinic.phone_region) if phone else ""
    probe = _person(typed, number)
    leaving_out = [besides.pk] if besides else []
    people = [
        Match(_how(lead, number), compare(probe, person_of(lead)), lead=lead)
        for lead in sharing_contact(probe.phones, probe.emails)
        if lead.pk not in leaving_out
    ]
    people = sorted(people, key=lambda match: (match.is_relative, -match.comparison.score))[:AT_MOST]
    if with_patients:
        people = [*_patients(probe), *people]
    leaving_out += [match.lead.pk for match in people if match.lead]
    others = _others(clinic, typed, probe, phone if not number else "", leaving_out)
    room = max(0, AT_MOST - len(people))
    people += [Match("name", compare(probe, person_of(lead)), lead=lead) for lead in others[:room]]
    return Matches(people, phone_unreadable=bool(phone) and len(phone) > 6 and not number)


def find_matches_of_change(lead, values, *, with_patients=False):
    """Who else may be meant once `values` (field -> value) stand on a lead: those whom what is new of them finds."""
    new = {name: value for name, value in values.items() if value and getattr(lead, name, None) != value}
    typed = {name: values.get(name, getattr(lead, name)) for name in ("first_name", "last_name")}
    typed |= {"phone": new.get("phone") or new.get("phone_alt"), "email": new.get("email")}
    found = find_matches(lead.clinic, typed, besides=lead, with_patients=with_patients)
    if not new.keys() & {"first_name", "last_name"}:
        found.people = found.shared
    return found


def _how(somebody, number):
    return "phone" if number and number in (somebody.phone_e164, somebody.phone_alt_e164) else "email"


def _patients(probe):
    """Patients whom the number or e-mail reaches, and those whose whole name is alike."""
    matches = [Match(each.by, each.comparison, patient=each.patient) for each in find_patients(probe)]
    return [match for match in matches if match.by != "name" or match.comparison.is_for_review]


def _person(typed, number):
    return Person(
        given=typed.get("first_name") or "",
        family=typed.get("last_name") or "",
        phones=(number,) if number else (),
        emails=tuple(filter(None, (email_norm(typed.get("email") or ""),))),
        street=typed.get("address_line1") or "",
        city=typed.get("city") or "",
        postal_code=typed.get("postal_code") or "",
    )


def _others(clinic, typed, probe, number_so_far, leaving_out):
    """Leads whose number begins as it was typed so far, whose name is alike, or begins alike."""
    found = {}
    digits = phone_digits(number_so_far)
    if len(digits) >= SHORTEST_NUMBER:
        begins = _international(number_so_far, digits, clinic.phone_region)
        found |= dict.fromkeys(
            Lead.objects.present().phone_begins(begins).values_list("pk", flat=True)[:AT_MOST], "name"
        )
    if probe.given and probe.family:
        found |= dict.fromkeys(named_alike(probe.given, probe.family, leaving_out=leaving_out)[:AT_MOST])
    name = name_key(probe.given, probe.family)
    if len(name) >= SHORTEST_NAME and len(found) < AT_MOST:
        found |= dict.fromkeys(Lead.objects.present().named_like(name).values_list("pk", flat=True)[:AT_MOST])
    wanted = [pk for pk in found if pk not in leaving_out]
    leads = Lead.objects.present().for_cards().in_bulk(wanted) if wanted else {}
    return [leads[pk] for pk in wanted if pk in leads]


def _international(written, digits, region):
    if written.startswith("+"):
        return f"+{digits}"
    return f"+{country_code_for_region(region)}{digits.lstrip('0')}"


def person_beside(text):
    """The lead whose id was given in an address, or None: an id that is none, or another clinic's, finds nobody."""
    return _of_id(Lead.objects.present(), text)


def relative_beside(text, *, with_patients=False):
    """The lead, or `with_patients` the patient, beside whom a relative is entered; None for an id that is neither."""
    known = person_beside(text)
    return known or (_of_id(Patient.objects.present(), text) if with_patients else None)


def _of_id(people, text):
    try:
        return people.filter(pk=UUID(text)).first()
    except (ValueError, TypeError):
        return None
