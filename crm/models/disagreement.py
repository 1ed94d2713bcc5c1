from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index
from crm.models.lead import Lead
from patients.models import Appointment


class DisagreementQuerySet(models.QuerySet):
    def open(self):
        """Those that wait for somebody to decide."""
        return self.filter(resolved_at=None)

    def of_kinds(self, *kinds):
        return self.filter(kind__in=kinds) if kinds else self

    def for_list(self):
        """The oldest first, with all that a row says."""
        rows = self.select_related(
            "lead__stage", "lead__assigned_to__user", "appointment__provider", "appointment__type"
        )
        return rows.order_by("found_at", "pk")

    def kept(self, kind, appointment_id):
        """Whether somebody has said that this very thing may stay as it is."""
        return self.filter(resolution=Disagreement.Resolution.KEPT, kind=kind, appointment=appointment_id)


class Disagreement(ClinicModel):
    """A lead's card says one thing and the schedule another; one at a time for each lead."""

    class Kind(models.TextChoices):
        BOOKED = "BOOKED", _("Booked, card is behind")
        ATTENDED = "ATTENDED", _("Has come, card is behind")
        TREATED = "TREATED", _("Treatment has begun, card is behind")
        MISSED = "MISSED", _("Did not come, card says booked")
        NOTHING_BOOKED = "NOTHING", _("Nothing is booked, card says booked")
        NOT_YET = "NOT_YET", _("Has not come yet, card says they have")
        NO_OUTCOME = "OUTCOME", _("Time is over, nobody said what came of it")
        LOST = "LOST", _("Lost, and yet they are booked")

    class Resolution(models.TextChoices):
        MOVED = "MOVED", _("Card moved")
        KEPT = "KEPT", _("Kept as it is")
        GONE = "GONE", _("Agrees again")

    lead = ClinicForeignKey(Lead, on_delete=models.CASCADE, related_name="disagreements")
    kind = models.CharField(_("what"), max_length=8, choices=Kind)
    appointment = ClinicForeignKey(Appointment, on_delete=models.SET_NULL, null=True, related_name="+")
    found_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolution = models.CharField(max_length=5, choices=Resolution, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(DisagreementQuerySet)

    class Meta:
        verbose_name = _("disagreement of card and schedule")
        verbose_name_plural = _("disagreements of card and schedule")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "lead"],
                condition=models.Q(resolved_at__isnull=True),
                name="disagreement_one_open_a_lead",
            )
        ]
        indexes = [
            clinic_index("found_at", name="disagreement_open", condition=models.Q(resolved_at__isnull=True)),
            clinic_index("lead", name="disagreement_of_lead"),
        ]

    def __str__(self):
        return self.get_kind_display()
