"""Who may be here already: people with the same number or e-mail, and names that are, or begin, alike."""

from dataclasses import dataclass, replace

from clinics.normalising import name_key
from clinics.same_person.comparing import Comparison, Verdict, compare
from patients.duplicates.finding import named_alike
from patients.duplicates.people import person_of
from patients.models import Patient

AT_MOST = 5
SHORTEST_NAME = 3


@dataclass(frozen=True)
class PatientMatch:
    """One patient who may be the same person, or of the same family; `by` is phone, email or name."""

    patient: Patient
    by: str
    comparison: Comparison

    @property
    def is_same_person(self):
        return self.comparison.verdict == Verdict.SAME

    @property
    def rank(self):
        """Whom to show first: the same person, then who shares a number or e-mail, then namesakes."""
        return (not self.is_same_person, self.by == "name", -self.comparison.score)


def find_patients(person, *, at_most=AT_MOST):
    """Patients who may be a Person, by what is known of them so far; `at_most` so many, the likeliest first."""
    person = _with_family_name(person)
    present, found = Patient.objects.present(), {}
    if person.phones or person.emails:
        reached = present.reached_by(numbers=person.phones, email="".join(person.emails[:1]))
        found |= {patient.pk: patient for patient in reached.order_by("created_at", "pk")[:at_most]}
    if person.given and person.family:
        found |= present.in_bulk([pk for pk in named_alike(person)[:at_most] if pk not in found])
    key = name_key(person.given, person.family)
    if len(key) >= SHORTEST_NAME and len(found) < at_most:
        found |= {patient.pk: patient for patient in present.named_like(key).exclude(pk__in=found)[:at_most]}
    matches = [PatientMatch(each, _how(each, person), compare(person, person_of(each))) for each in found.values()]
    return sorted(matches, key=lambda match: match.rank)[:at_most]


def _with_family_name(person):
    """A name that was typed into one field, taken apart at its last word."""
    given, _space, family = person.given.strip().rpartition(" ")
    return replace(person, given=given, family=family) if given and not person.family else person


def _how(patient, person):
    if set(person.phones) & {patient.phone_e164, patient.phone_alt_e164}:
        return "phone"
    return "email" if patient.email_norm and patient.email_norm in person.emails else "name"
