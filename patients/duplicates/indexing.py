"""Keeping the match keys of patients: by every verb that writes what they are made of; nightly for the rest."""

from django.db.models import Exists, OuterRef

from clinics.copying import copy_in
from clinics.same_person.keys import match_keys
from clinics.tenancy import clinic_scope
from patients.duplicates.people import person_of
from patients.models import Patient, PatientMatchKey

BATCH = 1000


def index_patient(patient):
    """Keep the keys of one patient who was registered or changed; whoever went away is found no more."""
    wanted = set() if patient.deleted_at else match_keys(person_of(patient))
    kept = dict(PatientMatchKey.objects.filter(patient=patient).values_list("key", "pk"))
    gone = [pk for key, pk in kept.items() if key not in wanted]
    if gone:
        PatientMatchKey.objects.filter(pk__in=gone).delete()
    new = [PatientMatchKey(patient=patient, key=key) for key in wanted - kept.keys()]
    PatientMatchKey.objects.bulk_create(new, ignore_conflicts=True)


def index_patients(patients, *, are_new=False):
    """Keep the keys of many patients in a handful of statements; those who came just now have none yet."""
    patients = list(patients)
    if not are_new:
        forget_patients([patient.pk for patient in patients])
    here = [patient for patient in patients if not patient.deleted_at]
    rows = (PatientMatchKey(patient_id=each.pk, key=key) for each in here for key in match_keys(person_of(each)))
    copy_in(PatientMatchKey, rows)


def forget_patients(ids):
    """Drop the keys of patients who went away, so that the index finds only who is here."""
    PatientMatchKey.objects.filter(patient_id__in=ids).delete()


def fill_keys(clinic):
    """Give keys to all patients who have none, each batch in a transaction of its own; returns their number."""
    done, last = 0, None
    while True:
        with clinic_scope(clinic):
            rows = _without_keys().order_by("pk")
            batch = list(rows[:BATCH] if last is None else rows.filter(pk__gt=last)[:BATCH])
            index_patients(batch, are_new=True)
        if not batch:
            return done
        done, last = done + len(batch), batch[-1].pk


def _without_keys():
    keys = PatientMatchKey.objects.filter(patient=OuterRef("pk"))
    return Patient.objects.present().exclude(name_key="").exclude(Exists(keys))
