from django.core.files.storage import default_storage
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.models import BackgroundJob, ClinicForeignKey, ClinicModel, ClinicUser
from clinics.models.base import clinic_index
from crm.models.lead import Lead


class LeadImport(ClinicModel):
    """A file of leads on its way in: uploaded, its columns mapped, tried out, imported, and possibly undone."""

    class Status(models.TextChoices):
        UPLOADED = "UPLOADED", _("Columns to be checked")
        CHECKING = "CHECKING", _("Being tried out")
        CHECKED = "CHECKED", _("Tried out")
        IMPORTING = "IMPORTING", _("Being imported")
        DONE = "DONE", _("Imported")
        FAILED = "FAILED", _("Failed")
        CANCELLED = "CANCELLED", _("Cancelled")
        UNDOING = "UNDOING", _("Being undone")
        UNDONE = "UNDONE", _("Undone")

    file_name = models.CharField(_("file"), max_length=255)
    stored_as = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    encoding = models.CharField(max_length=40)
    separator = models.CharField(max_length=4)
    headers = models.JSONField()
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.UPLOADED)
    row_count = models.PositiveIntegerField(default=0)
    created_count = models.PositiveIntegerField(default=0)
    updated_count = models.PositiveIntegerField(default=0)
    skipped_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    job = ClinicForeignKey(BackgroundJob, on_delete=models.SET_NULL, null=True, related_name="+")
    uploaded_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [clinic_index("-id", name="import_newest_first")]

    def __str__(self):
        return self.file_name

    def get_absolute_url(self):
        return reverse("crm:import_detail", args=[self.pk])

    def open_file(self):
        return default_storage.open(self.stored_as, "rb")


class LeadImportRow(ClinicModel):
    """What became, or would become, of one row of a file: the line, the outcome and the reason."""

    class Outcome(models.TextChoices):
        CREATED = "CREATED", _("Created")
        UPDATED = "UPDATED", _("Updated")
        SKIPPED = "SKIPPED", _("Skipped")
        FAILED = "FAILED", _("Failed")

    lead_import = ClinicForeignKey(LeadImport, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    is_dry_run = models.BooleanField(default=False)
    outcome = models.CharField(max_length=8, choices=Outcome)
    reason = models.TextField(blank=True, default="")
    warnings = models.JSONField(default=list)
    cells = models.JSONField(default=dict)
    lead = ClinicForeignKey(Lead, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "lead_import", "is_dry_run", "line"], name="import_row_once_a_line"
            )
        ]
        indexes = [clinic_index("lead_import", "is_dry_run", "outcome", "line", name="import_rows_by_outcome")]
