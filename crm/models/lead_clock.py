from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicModel, ClinicOneToOneField, ClinicUser, ScopedManager
from clinics.models.base import ClinicForeignKey, clinic_index
from crm.models.lead import Lead


class LeadClockQuerySet(models.QuerySet):
    def ringing(self, now):
        """Those for which something is to be done by now, the longest waiting first."""
        return self.filter(next_at__lte=now).order_by("next_at", "pk")

    def started_between(self, start, end):
        return self.filter(started_at__gte=start, started_at__lt=end, lead__deleted_at=None)


class LeadClock(ClinicModel):
    """How fast a new lead was answered: from the moment they asked to the first contact by a person.

    `seconds` is that time as the location counts it, only while it is open. An automatic reply is noted and stops
    nothing. `next_at` says when somebody must be reminded or told, and of what; it is None once that is over.
    """

    class Step(models.TextChoices):
        WARN = "WARN", _("remind the coordinator")
        ESCALATE = "ESCALATE", _("tell the manager")
        REASSIGN = "REASSIGN", _("give to somebody else")

    lead = ClinicOneToOneField(Lead, on_delete=models.CASCADE, related_name="clock")
    # Whose it was when it was answered, or when it should have been.
    member = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    next_step = models.CharField(max_length=8, choices=Step, blank=True, default="")
    warned_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    reassigned_at = models.DateTimeField(null=True)
    automatic_at = models.DateTimeField(null=True)
    contacted_at = models.DateTimeField(null=True)
    contacted_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    seconds = models.PositiveIntegerField(null=True)

    objects = ScopedManager.of(LeadClockQuerySet)

    class Meta:
        verbose_name = _("speed-to-lead clock")
        verbose_name_plural = _("speed-to-lead clocks")
        constraints = [models.UniqueConstraint(fields=["clinic", "lead"], name="lead_clock_once_a_lead")]
        indexes = [
            clinic_index("started_at", name="lead_clock_by_start"),
            clinic_index("next_at", name="lead_clock_ringing", condition=models.Q(next_at__isnull=False)),
        ]

    def __str__(self):
        return str(self.lead_id)
