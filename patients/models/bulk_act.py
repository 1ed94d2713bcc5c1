from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ScopedManager
from clinics.models.base import clinic_index
from clinics.models.bulk import ActOnMany, RowOfAct, RowOfActQuerySet
from patients.models.patient import Patient


class PatientAct(ActOnMany):
    """One thing done to many patients at once."""

    class Kind(models.TextChoices):
        TAG = "TAG", _("Put a tag on")
        UNTAG = "UNTAG", _("Take a tag off")
        PRIORITY = "PRIORITY", _("Set the contact priority")
        CHANNEL = "CHANNEL", _("Set the preferred channel")
        LOCATION = "LOCATION", _("Set the location")
        PROVIDER = "PROVIDER", _("Set the usual provider")
        SILENCE = "SILENCE", _("Do not contact")
        UNSILENCE = "UNSILENCE", _("May be contacted")
        DELETE = "DELETE", _("Delete")

    kind = models.CharField(max_length=9, choices=Kind)

    class Meta:
        verbose_name = _("act on many patients")
        verbose_name_plural = _("acts on many patients")
        indexes = [clinic_index("-id", name="patient_acts_newest_first")]

    def get_absolute_url(self):
        return reverse("patients:patient_bulk_detail", args=[self.pk])


class PatientActRowQuerySet(RowOfActQuerySet):
    def for_list(self):
        return self.select_related("patient").order_by("place")


class PatientActRow(RowOfAct):
    """What became of one patient in an act on many."""

    act = ClinicForeignKey(PatientAct, on_delete=models.CASCADE, related_name="patients")
    patient = ClinicForeignKey(Patient, on_delete=models.CASCADE, related_name="+")

    objects = ScopedManager.of(PatientActRowQuerySet)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "act", "patient"], name="patient_act_once_a_patient")]
        indexes = [clinic_index("act", "outcome", "place", name="patient_act_by_outcome")]

    def __str__(self):
        return f"{self.patient_id}: {self.outcome}"

    @property
    def person(self):
        """Whom it is about, as in every act on many."""
        return self.patient
