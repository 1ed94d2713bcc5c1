from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.models.base import ClinicForeignKey, ClinicModel, ScopedManager, clinic_index
from clinics.models.staff import ClinicUser


class BackgroundJobQuerySet(models.QuerySet):
    def for_list(self):
        return self.select_related("started_by__user").order_by("-id")

    def unfinished(self):
        return self.filter(status__in=BackgroundJob.UNFINISHED)

    def silent_since(self, moment):
        """Jobs that nobody works at: their worker died, or its wake-up call was lost."""
        return self.unfinished().filter(heartbeat_at__lt=moment)

    def held_by(self, job):
        """The row of `job` while the worker that claimed it still holds it."""
        return self.filter(pk=job.pk, attempts=job.attempts, status=BackgroundJob.Status.RUNNING)


class BackgroundJob(ClinicModel):
    """Work that takes longer than a page may: it can be left, found again, cancelled, retried, and its result read."""

    class Status(models.TextChoices):
        QUEUED = "QUEUED", _("Waiting")
        RUNNING = "RUNNING", _("Running")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")
        CANCELLED = "CANCELLED", _("Cancelled")

    UNFINISHED = (Status.QUEUED, Status.RUNNING)

    kind = models.CharField(_("what"), max_length=60)
    title = models.CharField(_("title"), max_length=200)
    parameters = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    done_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(null=True)
    note = models.CharField(max_length=200, blank=True, default="")
    result = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    error = models.TextField(blank=True, default="")
    result_url = models.CharField(max_length=200, blank=True, default="")
    started_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_asked_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ScopedManager.of(BackgroundJobQuerySet)

    class Meta:
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")
        indexes = [
            clinic_index("-id", name="job_newest_first"),
            clinic_index("heartbeat_at", name="job_unfinished", condition=models.Q(status__in=["QUEUED", "RUNNING"])),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("clinics:job_detail", args=[self.pk])

    @property
    def is_unfinished(self):
        return self.status in self.UNFINISHED

    @property
    def is_repeatable(self):
        return self.status in (self.Status.FAILED, self.Status.CANCELLED)

    @property
    def percent(self):
        if not self.total_count:
            return 100 if self.status == self.Status.DONE else None
        return min(100, self.done_count * 100 // self.total_count)
