from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicOneToOneField, ClinicUser, ScopedManager
from clinics.models.base import clinic_index
from crm.models.choices import ActivityType, Blocker, CallOutcome, Direction, ProcedureCode
from crm.models.lead import Lead


class LeadActivityQuerySet(models.QuerySet):
    def for_timeline(self):
        """Newest first, with who did it."""
        return self.select_related("by__user").order_by("-occurred_at", "-id")

    def before(self, moment):
        """What was over before a moment."""
        return self.filter(occurred_at__lt=moment)

    def with_words(self, text):
        """Activities in whose notes, or the names of whose tasks, stages and documents, `text` stands."""
        wanted = models.Q(notes__icontains=text)
        for name in ("name", "title", "next_title", "from", "to"):
            wanted |= models.Q(**{f"payload__{name}__icontains": text})
        return self.filter(wanted)


class LeadActivity(ClinicModel):
    """Something that happened with a lead: a call with its outcome, a note, a move."""

    lead = ClinicForeignKey(Lead, on_delete=models.CASCADE, related_name="activities")
    type = models.CharField(_("type"), max_length=24, choices=ActivityType)
    direction = models.CharField(_("direction"), max_length=8, choices=Direction, blank=True, default="")
    outcome = models.CharField(_("outcome"), max_length=12, choices=CallOutcome, blank=True, default="")
    notes = models.TextField(_("notes"), blank=True, default="")
    duration_minutes = models.PositiveSmallIntegerField(_("minutes"), null=True, blank=True)
    payload = models.JSONField(default=dict, blank=True)
    occurred_at = models.DateTimeField(_("when"))
    by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(LeadActivityQuerySet)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        indexes = [
            clinic_index("lead", "-occurred_at", "-id", name="activity_of_a_lead"),
            clinic_index("type", "-occurred_at", name="activity_by_type"),
        ]


class OpportunityQuerySet(models.QuerySet):
    def of_lead(self, lead):
        """What a lead would be worth, or None."""
        return self.filter(lead=lead).first()


class Opportunity(ClinicModel):
    """What a lead would be worth: one a lead."""

    lead = ClinicOneToOneField(Lead, on_delete=models.CASCADE, related_name="opportunity")
    expected_value_cents = models.PositiveBigIntegerField(_("expected value, in cents"))
    procedure_code = models.CharField(_("procedure"), max_length=10, choices=ProcedureCode, blank=True, default="")
    expected_date = models.DateField(_("expected on"), null=True, blank=True)
    blocker = models.CharField(_("what stands against it"), max_length=10, choices=Blocker, blank=True, default="")

    objects = ScopedManager.of(OpportunityQuerySet)

    class Meta:
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        constraints = [
            models.UniqueConstraint(fields=["clinic", "lead"], name="opportunity_once_a_lead"),
            models.CheckConstraint(
                condition=models.Q(expected_value_cents__gt=0), name="opportunity_value_is_positive"
            ),
        ]
