"""Putting the clinic's tags on patients, and taking them off."""

from django.db import transaction

from clinics.audit import record
from patients.editing import lock_patient, tell
from patients.models import PatientTag
from patients.rules import PatientIsGone


@transaction.atomic
def tag_patient(patient, tag, *, by):
    """Put a tag on a patient, once; returns whether it was not there before. Records "patients.patient.tagged".

    Raises PatientIsGone, PatientIsErased.
    """
    patient = _present(patient)
    _link, is_new = PatientTag.objects.get_or_create(patient=patient, tag=tag)
    if is_new:
        record("patients.patient.tagged", patient, by=by, after={"tag": tag.name})
        tell(patient)
    return is_new


@transaction.atomic
def untag_patient(patient, tag, *, by):
    """Take a tag off a patient; returns whether it was there. Records "patients.patient.untagged".

    Raises PatientIsGone, PatientIsErased.
    """
    patient = _present(patient)
    count, _by_model = PatientTag.objects.filter(patient=patient, tag=tag).delete()
    if count:
        record("patients.patient.untagged", patient, by=by, before={"tag": tag.name})
        tell(patient)
    return bool(count)


def _present(patient):
    patient = lock_patient(patient)
    if patient.deleted_at:
        raise PatientIsGone
    return patient
