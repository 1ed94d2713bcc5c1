from django.db import models

from clinics.models import ClinicForeignKey, ClinicModel
from clinics.models.base import clinic_index
from patients.models.patient import Patient


class PatientMatchKey(ClinicModel):
    """One of the keys (clinics/same_person/keys.py) by which a patient is found though their name is misspelt."""

    patient = ClinicForeignKey(Patient, on_delete=models.CASCADE, related_name="match_keys")
    key = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "key", "patient"], name="patient_match_key_once"),
        ]
        indexes = [clinic_index("patient", name="match_keys_of_a_patient")]
