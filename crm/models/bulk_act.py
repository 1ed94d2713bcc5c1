from datetime import timedelta

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import BackgroundJob, ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index
from crm.models.lead import Lead

UNDO_WITHIN = timedelta(days=1)


class BulkActQuerySet(models.QuerySet):
    def for_page(self):
        return self.select_related("job__started_by__user", "by__user")


class BulkAct(ClinicModel):
    """One thing done to many leads at once: what, to whom, what came of each, and whether it was taken back."""

    class Kind(models.TextChoices):
        MOVE = "MOVE", _("Move")
        ASSIGN = "ASSIGN", _("Assign")
        TAG = "TAG", _("Put a tag on")
        UNTAG = "UNTAG", _("Take a tag off")
        TASK = "TASK", _("Set a task")
        LOSE = "LOSE", _("Mark as lost")
        ARCHIVE = "ARCHIVE", _("Archive")
        UNARCHIVE = "UNARCHIVE", _("Bring back")

    class Status(models.TextChoices):
        WORKING = "WORKING", _("Being done")
        DONE = "DONE", _("Done")
        UNDOING = "UNDOING", _("Being taken back")
        UNDONE = "UNDONE", _("Taken back")

    kind = models.CharField(max_length=9, choices=Kind)
    title = models.CharField(max_length=200)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text=_("What the act needs to know."))
    query = models.TextField(null=True, help_text=_("The filter that chose the leads, if no hand did."))
    is_gathered = models.BooleanField(default=False, help_text=_("Whether its leads are written down."))
    status = models.CharField(max_length=7, choices=Status, default=Status.WORKING)
    total_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    skipped_count = models.PositiveIntegerField(default=0)
    undone_count = models.PositiveIntegerField(default=0)
    kept_count = models.PositiveIntegerField(default=0)
    by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    job = ClinicForeignKey(BackgroundJob, on_delete=models.SET_NULL, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    objects = ScopedManager.of(BulkActQuerySet)

    class Meta:
        verbose_name = _("act on many leads")
        verbose_name_plural = _("acts on many leads")
        indexes = [clinic_index("-id", name="bulk_act_newest_first")]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("crm:bulk_detail", args=[self.pk])

    @property
    def is_at_work(self):
        return self.job is not None and self.job.is_unfinished

    @property
    def handled_count(self):
        return self.done_count + self.skipped_count

    @property
    def may_be_undone(self):
        """Once its work has ended, for a day; what a stopped one has done so far, too."""
        if self.is_at_work or self.status == self.Status.UNDONE:
            return False
        return self.created_at > timezone.now() - UNDO_WITHIN and self.done_count > 0


class BulkActLeadQuerySet(models.QuerySet):
    def of_act(self, act):
        return self.filter(act=act)

    def waiting(self):
        return self.filter(outcome=BulkActLead.Outcome.WAITING)

    def to_undo(self):
        return self.filter(outcome=BulkActLead.Outcome.DONE)

    def remarkable(self):
        """Leads about which there is something to say: left out, or kept as they are."""
        return self.exclude(reason="")

    def for_list(self):
        return self.select_related("lead__stage").order_by("place")


class BulkActLead(ClinicModel):
    """What became of one lead in an act on many."""

    class Outcome(models.TextChoices):
        WAITING = "WAITING", _("Waiting")
        DONE = "DONE", _("Done")
        SKIPPED = "SKIPPED", _("Left out")
        UNDONE = "UNDONE", _("Taken back")
        KEPT = "KEPT", _("Kept")

    act = ClinicForeignKey(BulkAct, on_delete=models.CASCADE, related_name="leads")
    lead = ClinicForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveIntegerField()
    outcome = models.CharField(max_length=7, choices=Outcome, default=Outcome.WAITING)
    reason = models.TextField(blank=True, default="")
    trace = models.CharField(max_length=40, blank=True, default="", help_text=_("The row that takes it back."))

    objects = ScopedManager.of(BulkActLeadQuerySet)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "act", "lead"], name="bulk_act_once_a_lead")]
        indexes = [clinic_index("act", "outcome", "place", name="bulk_leads_by_outcome")]

    def __str__(self):
        return f"{self.lead_id}: {self.outcome}"
