from django.core.files.storage import default_storage
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.models import BackgroundJob, ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index


class PaymentImportQuerySet(models.QuerySet):
    def for_list(self):
        return self.select_related("uploaded_by__user", "job").order_by("-id")

    def mapped_like(self, headers):
        """Files with these very headings whose columns somebody has checked, the newest first."""
        return self.filter(headers=headers).exclude(status=PaymentImport.Status.UPLOADED).order_by("-id")


class PaymentImport(ClinicModel):
    """A file of payments on its way in: uploaded, its columns named, tried out, imported, and possibly undone."""

    class Status(models.TextChoices):
        UPLOADED = "UPLOADED", _("Columns to be checked")
        CHECKING = "CHECKING", _("Being tried out")
        CHECKED = "CHECKED", _("Tried out")
        IMPORTING = "IMPORTING", _("Being imported")
        DONE = "DONE", _("Imported")
        UNDONE = "UNDONE", _("Undone")

    AT_WORK = (Status.CHECKING, Status.IMPORTING)

    file_name = models.CharField(_("file"), max_length=255)
    stored_as = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField()
    headers = models.JSONField()
    samples = models.JSONField(default=list, help_text=_("Of each column its first few values."))
    mapping = models.JSONField(default=list, help_text=_("What each column is, in order."))
    problems = models.JSONField(default=list, help_text=_("Of rows that cannot be taken: [line, why]."))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.UPLOADED)
    row_count = models.PositiveIntegerField(default=0)
    created_count = models.PositiveIntegerField(default=0)
    known_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    total_cents = models.BigIntegerField(default=0)
    job = ClinicForeignKey(BackgroundJob, on_delete=models.SET_NULL, null=True, related_name="+")
    uploaded_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    objects = ScopedManager.of(PaymentImportQuerySet)

    class Meta:
        verbose_name = _("import of payments")
        verbose_name_plural = _("imports of payments")
        indexes = [clinic_index("-id", name="payment_import_newest")]

    def __str__(self):
        return self.file_name

    def get_absolute_url(self):
        return reverse("patients:payment_import_detail", args=[self.pk])

    def open_file(self):
        return default_storage.open(self.stored_as, "rb")

    @property
    def is_at_work(self):
        """A worker has it, or will have it: its page shows the progress."""
        return self.status in self.AT_WORK and self.job is not None and self.job.is_unfinished

    @property
    def may_be_mapped(self):
        is_stopped = self.status == self.Status.CHECKING and not self.is_at_work
        if not self.stored_as:
            return False
        return self.status in (self.Status.UPLOADED, self.Status.CHECKED) or is_stopped

    @property
    def may_be_run(self):
        is_stopped = self.status == self.Status.IMPORTING and not self.is_at_work
        if not self.stored_as:  # somebody who stood in it was erased
            return False
        return self.status in (self.Status.CHECKED, self.Status.UNDONE) or is_stopped

    @property
    def may_be_undone(self):
        return self.status == self.Status.DONE and self.created_count > 0
