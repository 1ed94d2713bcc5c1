from datetime import timedelta

from django.core.files.storage import default_storage
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import BackgroundJob, ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index
from crm.models.lead import Lead

UNDO_WITHIN = timedelta(days=7)
LATEST = 50  # imports whose headings are compared
ALIKE = 0.8  # this share of the headings of two files is the same if they come from one system


class LeadImportQuerySet(models.QuerySet):
    def for_list(self):
        """Newest first, with who uploaded it and the job that works on it."""
        return self.select_related("uploaded_by__user", "job").order_by("-id")

    def of_same_file(self, lead_import):
        """Other imports of exactly these bytes: first those that were finished, the newest first."""
        others = self.filter(digest=lead_import.digest).exclude(pk=lead_import.pk)
        return others.order_by(models.F("finished_at").desc(nulls_last=True), "-id")

    def mapped_like(self, headers):
        """The last import of a file with these very headings whose columns somebody has checked, else with nearly all.

        Of the same system comes now and then a file with a column more, or in another order. None where there is none.
        """
        unchecked = (LeadImport.Status.READING, LeadImport.Status.UPLOADED)
        checked = self.exclude(status__in=unchecked).order_by("-id")
        if same := checked.filter(headers=headers).first():
            return same
        wanted = set(headers)
        for pk, known in checked.values_list("pk", "headers")[:LATEST]:
            if len(wanted & set(known)) >= ALIKE * max(len(wanted), len(known)):
                return self.get(pk=pk)
        return None

    def undone(self):
        """Imports that were taken back, or are just being."""
        return self.filter(status__in=(LeadImport.Status.UNDOING, LeadImport.Status.UNDONE))


class LeadImport(ClinicModel):
    """A file of leads on its way in: read, its columns mapped, tried out, imported, and possibly undone."""

    class Status(models.TextChoices):
        READING = "READING", _("Being read")
        UPLOADED = "UPLOADED", _("Columns to be checked")
        CHECKING = "CHECKING", _("Being tried out")
        CHECKED = "CHECKED", _("Tried out")
        IMPORTING = "IMPORTING", _("Being imported")
        DONE = "DONE", _("Imported")
        UNDOING = "UNDOING", _("Being undone")
        UNDONE = "UNDONE", _("Undone")

    AT_WORK = (Status.READING, Status.CHECKING, Status.IMPORTING, Status.UNDOING)

    file_name = models.CharField(_("file"), max_length=255)
    stored_as = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    encoding = models.CharField(max_length=40, blank=True, default="")
    separator = models.CharField(max_length=4, blank=True, default="")
    header_line = models.PositiveIntegerField(null=True, help_text=_("Where somebody says the headings stand."))
    sheets = models.JSONField(default=list, help_text=_("Of a workbook: the names of the sheets that hold anything."))
    sheet = models.CharField(max_length=120, blank=True, default="", help_text=_("Of a workbook: which one is read."))
    corrections = models.JSONField(default=dict, help_text=_("Of rows corrected by hand: line -> cells, null to skip."))
    headers = models.JSONField(default=list, help_text=_("Empty until the file has been read."))
    columns = models.JSONField(default=list, help_text=_("Of each column: guess, reason, samples, its few words."))
    notices = models.JSONField(default=list)
    mapping = models.JSONField(default=list, help_text=_("The target of each column, in order."))
    options = models.JSONField(default=dict)
    summary = models.JSONField(default=dict, help_text=_("What the last trial or import met: new sources, households."))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.READING)
    row_count = models.PositiveIntegerField(default=0)
    created_count = models.PositiveIntegerField(default=0)
    updated_count = models.PositiveIntegerField(default=0)
    skipped_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    job = ClinicForeignKey(BackgroundJob, on_delete=models.SET_NULL, null=True, related_name="+")
    uploaded_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    objects = ScopedManager.of(LeadImportQuerySet)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [
            clinic_index("-id", name="import_newest_first"),
            clinic_index("digest", name="import_of_a_file"),
        ]

    def __str__(self):
        return self.file_name

    def get_absolute_url(self):
        return reverse("crm:import_detail", args=[self.pk])

    def open_file(self):
        return default_storage.open(self.stored_as, "rb")

    @property
    def is_at_work(self):
        """A worker has it, or will have it: its page shows the progress."""
        return self.status in self.AT_WORK and self.job is not None and self.job.is_unfinished

    @property
    def is_stopped(self):
        """Its work ended before its time: cancelled or failed. What it had done stands, and it can go on."""
        return self.status in self.AT_WORK and not self.is_at_work

    @property
    def has_leads(self):
        """Some of it has been imported."""
        return self.status in (self.Status.IMPORTING, self.Status.DONE, self.Status.UNDOING, self.Status.UNDONE)

    @property
    def is_trial(self):
        """Its counts tell what would be, not what is."""
        return not self.has_leads

    @property
    def is_open(self):
        """Nothing of it is imported and nobody works on it: it can be read in another way, or taken away."""
        return self.status in (self.Status.UPLOADED, self.Status.CHECKED) or (
            self.status in (self.Status.READING, self.Status.CHECKING) and self.is_stopped
        )

    @property
    def may_be_mapped(self):
        """It was read, now or before somebody wanted it read in another way."""
        return self.is_open and bool(self.headers)

    @property
    def may_be_undone(self):
        if self.status == self.Status.DONE:
            return self.finished_at > timezone.now() - UNDO_WITHIN
        return self.is_stopped and self.status in (self.Status.IMPORTING, self.Status.UNDOING)

    @property
    def undo_until(self):
        return self.finished_at + UNDO_WITHIN if self.finished_at else None

    @property
    def handled_count(self):
        return self.created_count + self.updated_count + self.skipped_count + self.failed_count


class LeadImportRowQuerySet(models.QuerySet):
    def latest_of(self, lead_import):
        """The rows of the trial until there are those of the import itself."""
        return self.filter(lead_import=lead_import, is_dry_run=not lead_import.has_leads)

    def of_trial(self):
        return self.filter(is_dry_run=True)

    def of_import(self):
        return self.filter(is_dry_run=False)

    def shown(self, outcome):
        """Rows with this outcome in the order of the file: "problems" are those that failed or were left out,
        "remarks" those imported with a warning, "kept" those that an undo left alone, "all" is every one."""
        if outcome == "problems":
            rows = self.filter(outcome__in=LeadImportRow.PROBLEMS)
        elif outcome == "remarks":
            rows = self.exclude(outcome__in=LeadImportRow.PROBLEMS).exclude(warnings=[])
        elif outcome == "corrected":
            rows = self.filter(is_corrected=True)
        elif outcome == "kept":
            rows = self.filter(undo=LeadImportRow.Undo.KEPT)
        elif outcome == "all":
            rows = self
        else:
            rows = self.filter(outcome=outcome)
        return rows.select_related("lead").order_by("line")


class LeadImportRow(ClinicModel):
    """What became, or would become, of one row of a file: the line, the outcome and the reason."""

    class Outcome(models.TextChoices):
        CREATED = "CREATED", _("Created")
        UPDATED = "UPDATED", _("Updated")
        SKIPPED = "SKIPPED", _("Left out")
        FAILED = "FAILED", _("Failed")

    class Undo(models.TextChoices):
        REMOVED = "REMOVED", _("Removed")
        RESTORED = "RESTORED", _("As it was")
        KEPT = "KEPT", _("Kept")

    PROBLEMS = (Outcome.SKIPPED, Outcome.FAILED)

    lead_import = ClinicForeignKey(LeadImport, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    is_dry_run = models.BooleanField(default=False)
    outcome = models.CharField(max_length=8, choices=Outcome)
    reason = models.TextField(blank=True, default="")
    warnings = models.JSONField(default=list)
    cells = models.JSONField(default=list, help_text=_("As they stood in the file; kept for rows with a remark."))
    changes = models.JSONField(default=dict, help_text=_("Of an updated lead: field -> [before, after]."))
    lead = ClinicForeignKey(Lead, on_delete=models.SET_NULL, null=True, related_name="+")
    is_corrected = models.BooleanField(default=False)
    undo = models.CharField(max_length=8, choices=Undo, blank=True, default="")
    undo_reason = models.TextField(blank=True, default="")

    objects = ScopedManager.of(LeadImportRowQuerySet)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "lead_import", "is_dry_run", "line"], name="import_row_once_a_line"
            )
        ]
        indexes = [clinic_index("lead_import", "is_dry_run", "outcome", "line", name="import_rows_by_outcome")]

    def __str__(self):
        return f"{self.line}: {self.outcome}"

    @property
    def all_reasons(self):
        return "; ".join(filter(None, [self.reason, *self.warnings, self.undo_reason]))
