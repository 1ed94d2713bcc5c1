"""Taking patients in: who they are, whom they belong to, and who pays for them."""

import uuid

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from clinics.models.base import current_clinic_id
from clinics.normalising import email_norm, name_key, phone_e164
from patients.birth_dates import birth_date_digest
from patients.duplicates.indexing import index_patient
from patients.models import Patient, PatientHousehold
from patients.rules import BornInTheFuture, KnownInTheEmr, NobodyNamed, PaysForSelf

REACHED_BY = ("first_name", "last_name", "phone", "email")
FOUND_BY = ("name_key", "phone_e164", "phone_alt_e164", "email_norm", "birth_digest")


@transaction.atomic
def register_patient(clinic, values, *, by, key=None):
    """Take somebody in as a patient; returns the Patient.

    `values` are fields of Patient by name. Whoever shares a phone or e-mail with patients who are here joins their
    household, unless `household` says another. The same `key` twice gives the same patient once. Records
    "patients.patient.registered". Raises NobodyNamed, KnownInTheEmr, BornInTheFuture, PaysForSelf.
    """
    values = {name: value for name, value in values.items() if value not in (None, "")}
    check_patient(values)
    patient = Patient(created_by=by, updated_by=by, **values)
    if key:
        patient.pk = keyed_id(key)
        lock_key(patient.pk)
        known = Patient.objects.filter(pk=patient.pk).first()
        if known is not None:
            return known
    check_external_id(patient)
    normalise(patient, region=clinic.phone_region)
    patient.household = patient.household or household_of_relatives(patient)
    patient.save(force_insert=True)
    index_patient(patient)

    record("patients.patient.registered", patient, by=by, after={"emr_system": patient.emr_system})
    publish("patients")
    return patient


def keyed_id(key):
    """The id that a row gets which is made under an idempotency key: the same key makes the same id, here alone."""
    return uuid.uuid5(current_clinic_id(), str(key))


def lock_key(row_id):
    """Wait until whoever makes the row of this id at the same moment is done."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [row_id.int >> 65])


def check_patient(values):
    """Raise NobodyNamed or BornInTheFuture for what cannot be a patient."""
    if not any(values.get(name) for name in REACHED_BY):
        raise NobodyNamed
    born_on = values.get("date_of_birth")
    if born_on and born_on > timezone.localdate():
        raise BornInTheFuture


def check_external_id(patient):
    """Raise KnownInTheEmr if another patient of the same system has this id, PaysForSelf for a payer of themselves."""
    if patient.responsible_party_id is not None and patient.responsible_party_id == patient.pk:
        raise PaysForSelf
    if patient.external_id:
        same = Patient.objects.filter(emr_system=patient.emr_system, external_id=patient.external_id)
        known = same.exclude(pk=patient.pk).first()
        if known is not None:
            raise KnownInTheEmr(known)


def normalise(patient, *, region):
    """Fill the columns by which a patient is found: numbers in E.164, case-folded e-mail, names without accents."""
    patient.phone_e164 = phone_e164(patient.phone, region=region) if patient.phone else ""
    patient.phone_alt_e164 = phone_e164(patient.phone_alt, region=region) if patient.phone_alt else ""
    patient.email_norm = email_norm(patient.email)
    patient.name_key = name_key(patient.first_name, patient.last_name)
    patient.birth_digest = birth_date_digest(patient.date_of_birth)


def household_of_relatives(patient):
    """The household of whoever shares a phone or e-mail with a patient, or pays for them; None if there is nobody.

    Relatives who have no household yet get one now, named after the first of them.
    """
    relatives = Patient.objects.present().sharing_contact_with(patient).order_by("created_at", "pk")
    if patient.responsible_party is not None:
        relatives = [patient.responsible_party, *relatives]
    relatives = list(relatives[:20])
    if not relatives:
        return None
    household = next((each.household for each in relatives if each.household_id), None)
    if household is None:
        household = PatientHousehold.objects.create(name=relatives[0].last_name or relatives[0].first_name)
    alone = [each.pk for each in relatives if each.household_id is None]
    Patient.objects.filter(pk__in=alone).update(household=household, updated_at=timezone.now())
    return household
