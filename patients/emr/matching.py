"""Which of our patients somebody of an EMR is: by id, else by name, birth date and contact.

What is surely the same is found to be one; what may be waits for a person; relatives who share a number stay apart.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q

from clinics.same_person.comparing import Verdict, compare
from clinics.same_person.keys import match_keys
from patients.duplicates.people import person_of
from patients.emr.reasons import because
from patients.models import Patient, PatientMatchKey

AT_MOST = 5
CROWD = 40  # so many who share a key are a word like any other: they are told apart by the rest


@dataclass(frozen=True)
class Match:
    """Who it is: `patient`, None if nobody here; with a `reason` it is not sure who of `candidates` is meant."""

    patient: object = None
    reason: object = None
    candidates: tuple = ()


class Candidates:
    """All patients who may be one of many newcomers, found in four questions, however many there are."""

    def __init__(self, source, newcomers):
        """`newcomers` are unsaved Patients, normalised."""
        self.by_id, self.by_key, self.by_contact, self.people = {}, defaultdict(list), defaultdict(list), {}
        people = {each.pk: person_of(each) for each in newcomers}
        keys = {key for person in people.values() for key in match_keys(person)}
        found = PatientMatchKey.objects.filter(key__in=keys).values_list("key", "patient_id")
        keyed = [(key, patient_id) for key, patient_id in found]
        ids = {patient_id for _key, patient_id in keyed}
        contacts = {contact for each in newcomers for contact in contacts_of(each)}
        external = [each.external_id for each in newcomers if each.external_id]
        wanted = Q(pk__in=ids)
        if contacts:
            numbers, mails = [c for c in contacts if "@" not in c], [c for c in contacts if "@" in c]
            wanted |= Q(phone_e164__in=numbers) | Q(phone_alt_e164__in=numbers) | Q(email_norm__in=mails)
        present = list(Patient.objects.present().filter(wanted))
        here = {patient.pk: patient for patient in present}
        for key, patient_id in keyed:
            if patient_id in here:
                self.by_key[key].append(here[patient_id])
        for patient in present:
            for contact in contacts_of(patient):
                self.by_contact[contact].append(patient)
        same_id = Patient.objects.filter(emr_system=source.emr_system, external_id__in=external)
        self.by_id = {patient.external_id: patient for patient in same_id}

    def add(self, patient):
        """Somebody of this batch who is here from now on."""
        for key in match_keys(person_of(patient)):
            self.by_key[key].append(patient)
        for contact in contacts_of(patient):
            self.by_contact[contact].append(patient)
        if patient.external_id:
            self.by_id[patient.external_id] = patient

    def match(self, newcomer):
        """Who a newcomer is."""
        person = person_of(newcomer)
        same_id = self.by_id.get(newcomer.external_id) if newcomer.external_id else None
        if same_id is not None and same_id.erased_at:
            return Match(same_id, because("patient_erased"))
        if same_id is not None:
            is_sure = compare(person, person_of(same_id)).is_for_review or not same_id.name_key
            return Match(same_id) if is_sure else Match(None, because("id_of_another"), (same_id,))
        likely = self._alike(person, newcomer)
        sure = [patient for patient, verdict in likely if verdict == Verdict.SAME]
        if len(sure) == 1:
            return Match(sure[0])
        if sure:
            return Match(None, because("several_known"), tuple(sure[:AT_MOST]))
        maybe = [patient for patient, verdict in likely if verdict == Verdict.POSSIBLE]
        return Match(None, because("may_be_known"), tuple(maybe[:AT_MOST])) if maybe else Match()

    def _person(self, patient):
        if patient.pk not in self.people:
            self.people[patient.pk] = person_of(patient)
        return self.people[patient.pk]

    def _alike(self, person, newcomer):
        """Those who share a key or a contact, compared, the likeliest first.

        Who was clearly born on another day and is reached otherwise is somebody else, whatever else may be alike.
        """
        found = {}
        for key in match_keys(person):
            for patient in self.by_key.get(key, ())[:CROWD]:
                if patient.pk not in found and may_be_born(person.born_on, self._person(patient).born_on):
                    found[patient.pk] = patient
        for contact in contacts_of(newcomer):
            found |= {patient.pk: patient for patient in self.by_contact.get(contact, ())[:CROWD]}
        compared = [(patient, compare(person, self._person(patient))) for patient in found.values()]
        compared.sort(key=lambda pair: -pair[1].score)
        return [(patient, comparison.verdict) for patient, comparison in compared]


def may_be_born(one, other):
    """Tell whether two birth dates may be the same day: written alike, swapped, or with a slip of the finger or two."""
    if one is None or other is None or one == other or (one.year, one.day) == (other.year, other.month):
        return True
    digits = zip(f"{one:%Y%m%d}", f"{other:%Y%m%d}", strict=True)
    return sum(ours != theirs for ours, theirs in digits) <= 2


def contacts_of(patient):
    """The numbers and the e-mail by which somebody is reached, normalised."""
    return [each for each in (patient.phone_e164, patient.phone_alt_e164, patient.email_norm) if each]
