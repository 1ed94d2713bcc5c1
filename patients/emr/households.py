"""Newcomers join the household of whoever they share a number or an e-mail with: many at once."""

from collections import defaultdict

from clinics.copying import copy_over
from patients.emr.matching import contacts_of
from patients.models import Patient, PatientHousehold

A_FAMILY = 8  # so many on one number are an office or a placeholder


def join_households(newcomers):
    """Put new patients into the households of those who share a contact with them; new households where none is yet."""
    contacts = {contact for patient in newcomers for contact in contacts_of(patient)}
    if not contacts:
        return
    numbers, mails = [each for each in contacts if "@" not in each], [each for each in contacts if "@" in each]
    present = Patient.objects.present()
    shared = present.filter(phone_e164__in=numbers) | present.filter(phone_alt_e164__in=numbers)
    shared |= present.filter(email_norm__in=mails)
    here = {patient.pk: patient for patient in shared.order_by("created_at", "pk")}
    by_contact = defaultdict(list)
    for patient in here.values():
        for contact in contacts_of(patient):
            by_contact[contact].append(patient)
    made, joined = [], {}
    for newcomer in newcomers:
        family = _family(newcomer, by_contact)
        if len(family) > 1:
            household_id = next((each.household_id for each in family if each.household_id), None)
            if household_id is None:
                made.append(PatientHousehold(name=family[0].last_name or family[0].first_name))
                household_id = made[-1].pk
            for each in family:
                if each.household_id is None:
                    each.household_id, joined[each.pk] = household_id, each
    PatientHousehold.objects.bulk_create(made)
    copy_over(Patient, joined.values(), ["household_id"])


def _family(newcomer, by_contact):
    found = {}
    for contact in contacts_of(newcomer):
        if len(by_contact[contact]) <= A_FAMILY:
            found |= {patient.pk: patient for patient in by_contact[contact]}
    return list(found.values())
