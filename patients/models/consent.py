from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index
from patients.models.choices import Channel
from patients.models.patient import Patient


class Purpose(models.TextChoices):
    CARE = "CARE", _("Appointments")
    NEWS = "NEWS", _("News")


class ConsentSource(models.TextChoices):
    IN_PERSON = "IN_PERSON", _("said at the desk")
    PHONE = "PHONE", _("said on the phone")
    PAPER = "PAPER", _("signed on paper")
    FORM = "FORM", _("ticked in a form")
    MESSAGE = "MESSAGE", _("written in a message")
    IMPORT = "IMPORT", _("came from another system")


class PatientConsentQuerySet(models.QuerySet):
    def standing(self):
        """What holds now: the last word about each channel and purpose."""
        return self.filter(is_current=True)

    def newest_first(self):
        return self.select_related("by__user").order_by("-decided_at", "-pk")


class PatientConsent(ClinicModel):
    """Somebody agreed, or said no, to be reached on a channel for a purpose: when, how, and with which words.

    Entries are never changed; the last about a channel and purpose holds (`is_current`).
    """

    patient = ClinicForeignKey(Patient, on_delete=models.CASCADE, related_name="consents")
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    purpose = models.CharField(_("purpose"), max_length=4, choices=Purpose)
    is_given = models.BooleanField(_("agrees"))
    source = models.CharField(_("how"), max_length=9, choices=ConsentSource)
    address = models.CharField(_("address"), max_length=254, blank=True, default="")
    wording = models.CharField(_("wording"), max_length=1000, blank=True, default="")
    decided_at = models.DateTimeField(_("when"))
    is_current = models.BooleanField(default=True)
    by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(PatientConsentQuerySet)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "patient", "channel", "purpose"],
                condition=Q(is_current=True),
                name="patient_consent_one_stands",
            )
        ]
        indexes = [
            clinic_index("patient", "-decided_at", name="consents_of_a_patient"),
            clinic_index(
                "channel", "purpose", "is_given", "patient", name="consents_standing", condition=Q(is_current=True)
            ),
        ]

    def __str__(self):
        return f"{self.get_channel_display()}, {self.get_purpose_display()}"
