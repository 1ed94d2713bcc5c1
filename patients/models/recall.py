from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index
from patients.models.choices import Channel, RecallOutcome
from patients.models.patient import Patient


class RecallContactQuerySet(models.QuerySet):
    def standing(self):
        return self.filter(undone_at=None)

    def newest_first(self):
        return self.select_related("by__user").order_by("-contacted_at", "-pk")

    def last_of(self, patient_ids):
        """The last time that each of these patients was asked: {patient_id: RecallContact}, in one query."""
        rows = self.standing().filter(patient__in=patient_ids).select_related("by__user")
        rows = rows.order_by("patient", "-contacted_at", "-pk").distinct("patient")
        return {row.patient_id: row for row in rows}


class RecallContact(ClinicModel):
    """A patient was asked to come again; one message to a family is one `family` id in the rows of its members."""

    patient = ClinicForeignKey(Patient, on_delete=models.CASCADE, related_name="recall_contacts")
    family = models.UUIDField()
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    outcome = models.CharField(_("how it went"), max_length=12, choices=RecallOutcome, blank=True, default="")
    contacted_at = models.DateTimeField(_("when"))
    rests_until = models.DateField(_("off the list until"))
    rested_until_before = models.DateField(null=True)
    undone_at = models.DateTimeField(null=True)
    by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(RecallContactQuerySet)

    class Meta:
        verbose_name = _("recall")
        verbose_name_plural = _("recalls")
        constraints = [models.UniqueConstraint(fields=["clinic", "family", "patient"], name="recalled_once_a_message")]
        indexes = [clinic_index("patient", "-contacted_at", name="recalls_of_a_patient")]

    def __str__(self):
        return str(self.patient_id)
