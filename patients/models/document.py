from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ScopedManager
from clinics.models.base import clinic_index
from clinics.models.document import Document, DocumentQuerySet
from patients.models.patient import Patient


class PatientDocument(Document):
    """A file that was attached to a patient."""

    patient = ClinicForeignKey(Patient, on_delete=models.CASCADE, related_name="documents")

    objects = ScopedManager.of(DocumentQuerySet)

    class Meta:
        verbose_name = _("document of a patient")
        verbose_name_plural = _("documents of patients")
        indexes = [clinic_index("patient", "-id", name="document_of_a_patient", condition=models.Q(deleted_at=None))]
