from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.models import BackgroundJob, ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index


class PurgeRunQuerySet(models.QuerySet):
    def for_list(self):
        return self.select_related("job", "by__user").order_by("-id")

    def unfinished(self):
        return self.filter(finished_at=None)


class PurgeRun(ClinicModel):
    """One removal of what is older than the clinic keeps it: up to which moments, how much of each, how long it took.

    The numbers rise in the transactions that remove, so that they are true whenever a worker dies.
    """

    events_before = models.DateTimeField()
    activities_before = models.DateTimeField()
    leads_before = models.DateTimeField()
    event_count = models.PositiveIntegerField(_("key figure events"), default=0)
    activity_count = models.PositiveIntegerField(_("activities"), default=0)
    lead_count = models.PositiveIntegerField(_("leads"), default=0)
    file_count = models.PositiveIntegerField(_("files"), default=0)
    by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    job = ClinicForeignKey(BackgroundJob, on_delete=models.SET_NULL, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    objects = ScopedManager.of(PurgeRunQuerySet)

    class Meta:
        verbose_name = _("removal of what is old")
        verbose_name_plural = _("removals of what is old")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic"], condition=models.Q(finished_at=None), name="purge_run_one_at_a_time"
            )
        ]
        indexes = [clinic_index("-id", name="purge_run_newest_first")]

    def __str__(self):
        return f"{self.created_at:%Y-%m-%d}"

    def get_absolute_url(self):
        return reverse("crm:purge_list")

    @property
    def total(self):
        return self.event_count + self.activity_count + self.lead_count

    @property
    def seconds(self):
        """How long it took, from asking for it to its end."""
        return round((self.finished_at - self.created_at).total_seconds(), 1) if self.finished_at else None
