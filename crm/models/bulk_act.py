from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ScopedManager
from clinics.models.base import clinic_index
from clinics.models.bulk import ActOnMany, Outcome, RowOfAct, RowOfActQuerySet
from crm.models.choices import LeadStatus
from crm.models.lead import Lead


class BulkAct(ActOnMany):
    """One thing done to many leads at once."""

    class Kind(models.TextChoices):
        MOVE = "MOVE", _("Move")
        ASSIGN = "ASSIGN", _("Assign")
        TAG = "TAG", _("Put a tag on")
        UNTAG = "UNTAG", _("Take a tag off")
        TASK = "TASK", _("Set a task")
        LOSE = "LOSE", _("Mark as lost")
        ARCHIVE = "ARCHIVE", _("Archive")
        HAND_OVER = "HAND_OVER", _("Hand over")
        UNARCHIVE = "UNARCHIVE", _("Bring back")

    kind = models.CharField(max_length=9, choices=Kind)

    class Meta:
        verbose_name = _("act on many leads")
        verbose_name_plural = _("acts on many leads")
        indexes = [clinic_index("-id", name="bulk_act_newest_first")]

    def get_absolute_url(self):
        return reverse("crm:bulk_detail", args=[self.pk])


class BulkActLeadQuerySet(RowOfActQuerySet):
    def for_list(self):
        return self.select_related("lead__stage").order_by("place")

    def without_patients(self):
        """Leads that the act has won and that nobody has made a patient of yet."""
        won = self.filter(outcome=Outcome.DONE, lead__status=LeadStatus.CONVERTED, lead__converted_to_patient=None)
        return won.filter(lead__deleted_at=None).for_list()


class BulkActLead(RowOfAct):
    """What became of one lead in an act on many."""

    act = ClinicForeignKey(BulkAct, on_delete=models.CASCADE, related_name="leads")
    lead = ClinicForeignKey(Lead, on_delete=models.CASCADE, related_name="+")

    objects = ScopedManager.of(BulkActLeadQuerySet)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "act", "lead"], name="bulk_act_once_a_lead")]
        indexes = [clinic_index("act", "outcome", "place", name="bulk_leads_by_outcome")]

    def __str__(self):
        return f"{self.lead_id}: {self.outcome}"

    @property
    def person(self):
        """Whom it is about, as in every act on many."""
        return self.lead
