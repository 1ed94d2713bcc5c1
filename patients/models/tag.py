from django.db import models

from clinics.models import ClinicForeignKey, ClinicModel, ScopedManager, Tag
from clinics.models.base import clinic_index
from patients.models.patient import Patient


class PatientTagQuerySet(models.QuerySet):
    def names_of(self, patient_ids):
        """The names of the tags of each of these patients: {patient_id: [name]}, in one query."""
        names = {}
        rows = self.filter(patient_id__in=patient_ids).order_by("tag__name").values_list("patient_id", "tag__name")
        for patient_id, name in rows:
            names.setdefault(patient_id, []).append(name)
        return names


class PatientTag(ClinicModel):
    """That a patient carries a tag."""

    patient = ClinicForeignKey(Patient, on_delete=models.CASCADE, related_name="tag_links")
    tag = ClinicForeignKey(Tag, on_delete=models.CASCADE, related_name="patient_links")

    objects = ScopedManager.of(PatientTagQuerySet)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "patient", "tag"], name="patient_tagged_once")]
        indexes = [clinic_index("tag", "patient", name="patients_of_a_tag")]

    def __str__(self):
        return f"{self.patient_id}: {self.tag_id}"
