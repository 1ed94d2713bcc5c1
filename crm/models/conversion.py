from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index
from crm.models.lead import Lead
from patients.models import Patient

UNDO_WITHIN = timedelta(days=1)


class LeadConversionQuerySet(models.QuerySet):
    def standing(self):
        """Conversions that were not undone."""
        return self.filter(undone_at=None)

    def with_people(self):
        """With who made them and who won the person over."""
        return self.select_related("by__user", "closed_by__user")


class LeadConversion(ClinicModel):
    """A lead became patients: when, by whom, and whether that was taken back."""

    lead = ClinicForeignKey(Lead, on_delete=models.CASCADE, related_name="conversions")
    by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    # Who won the person over, if it was not whoever pressed the button: commissions for closing are theirs.
    closed_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    converted_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager.of(LeadConversionQuerySet)

    class Meta:
        verbose_name = _("conversion")
        verbose_name_plural = _("conversions")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "lead"], condition=models.Q(undone_at=None), name="conversion_standing_once_a_lead"
            )
        ]

    @property
    def closer(self):
        """Who won the person over."""
        return self.closed_by or self.by

    @property
    def can_be_undone(self):
        return self.undone_at is None and self.converted_at > timezone.now() - UNDO_WITHIN


class ConvertedPatientQuerySet(models.QuerySet):
    def standing(self):
        return self.filter(conversion__undone_at=None)

    def of_lead(self, lead):
        """The people whom a lead became, who pays first."""
        return self.standing().filter(conversion__lead=lead).select_related("patient").order_by("-pays", "pk")

    def who_asked(self, patient):
        """What a patient was a lead of by themselves: they pay, or nobody else came of the lead."""
        others = ConvertedPatient.objects.filter(conversion=models.OuterRef("conversion")).exclude(patient=patient)
        return self.of_patient(patient).filter(models.Q(pays=True) | ~models.Exists(others))

    def of_patient(self, patient):
        """Where a patient came from: the leads, the newest first."""
        found = self.standing().filter(patient=patient, conversion__lead__deleted_at=None)
        touches = ("conversion__lead__touchpoints__source", "conversion__lead__touchpoints__ad_campaign")
        return found.select_related("conversion__lead__source").prefetch_related(*touches).order_by("-pk")


class ConvertedPatient(ClinicModel):
    """One of the people whom a lead became: `pays` for the others, or is treated; new here, or a patient already."""

    conversion = ClinicForeignKey(LeadConversion, on_delete=models.CASCADE, related_name="people")
    patient = ClinicForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    pays = models.BooleanField(default=False)
    was_created = models.BooleanField(default=False)
    created_version = models.PositiveIntegerField(null=True)

    objects = ScopedManager.of(ConvertedPatientQuerySet)

    class Meta:
        verbose_name = _("patient of a conversion")
        verbose_name_plural = _("patients of a conversion")
        constraints = [
            models.UniqueConstraint(fields=["clinic", "conversion", "patient"], name="converted_once_a_patient")
        ]
        indexes = [clinic_index("patient", name="conversions_of_a_patient")]
