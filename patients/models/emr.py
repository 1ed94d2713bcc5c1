"""The connection to an EMR and its runs: what was asked of it, how far that came, and what became of it."""

from datetime import timedelta

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import BackgroundJob, ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index

UNDO_WITHIN = timedelta(days=7)


class EmrConnectionQuerySet(models.QuerySet):
    def for_list(self):
        return self.order_by("name", "pk")

    def active(self):
        return self.filter(is_active=True)

    def due(self, moment):
        """Those that are in use and whose next increment is due."""
        return self.active().filter(next_sync_at__lte=moment).order_by("next_sync_at", "pk")

    def to_be_swept(self, moment):
        """Those that are in use, were read once, and are to be looked through for what was deleted there."""
        return self.active().filter(next_sweep_at__lte=moment).order_by("next_sweep_at", "pk")


class EmrConnection(ClinicModel):
    """One EMR that the clinic reads from by FHIR R4: where it is, how we prove who we are, and who wins field by field.

    The key pairs are rows of their own (`EmrKey`). `field_policy` maps a group of
    `patients.emr.policy.GROUPS` to EMR, RECARE or ASK, and holds only what differs from the usual.
    """

    class System(models.TextChoices):
        EPIC = "EPIC", "Epic"
        CERNER = "CERNER", "Cerner"
        ATHENA = "ATHENA", "athenahealth"
        OTHER = "OTHER", _("Another FHIR server")

    class Status(models.TextChoices):
        NEW = "NEW", _("Not tested yet")
        READY = "READY", _("Works")
        FAILING = "FAILING", _("Fails")

    name = models.CharField(_("name"), max_length=80)
    system = models.CharField(_("system"), max_length=10, choices=System, default=System.EPIC)
    base_url = models.CharField(_("address of the FHIR server"), max_length=400)
    token_url = models.CharField(_("address that hands out tokens"), max_length=400, blank=True, default="")
    client_id = models.CharField(_("client id"), max_length=200, blank=True, default="")
    scopes = models.CharField(_("scopes"), max_length=1000, blank=True, default="")

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.NEW)
    is_active = models.BooleanField(_("in use"), default=False)
    may_write = models.BooleanField(_("book and cancel there too"), default=False)
    uses_bulk = models.BooleanField(_("load the first time by bulk export"), default=False)
    sync_minutes = models.PositiveSmallIntegerField(_("minutes between two looks"), default=15)
    field_policy = models.JSONField(default=dict)
    cursor = models.JSONField(default=dict, help_text=_("Up to where it was read, by type of resource."))
    facts = models.JSONField(default=dict, help_text=_("What the server says of itself."))
    tested_at = models.DateTimeField(_("last tested"), null=True)
    last_synced_at = models.DateTimeField(_("last read"), null=True)
    next_sync_at = models.DateTimeField(null=True)
    next_sweep_at = models.DateTimeField(null=True, help_text=_("When to look again for what was deleted there."))
    failures = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    created_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(EmrConnectionQuerySet)

    class Meta:
        verbose_name = _("EMR connection")
        verbose_name_plural = _("EMR connections")
        constraints = [models.UniqueConstraint(fields=["clinic", "name"], name="emr_connection_name_once_a_clinic")]
        indexes = [clinic_index("next_sync_at", name="emr_connection_due", condition=models.Q(is_active=True))]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("patients:emr_connection_detail", args=[self.pk])

    @property
    def emr_system(self):
        """The system as patients, visits and appointments name it; nothing for a server of no known make."""
        return "" if self.system == self.System.OTHER else self.system


class EmrFileQuerySet(models.QuerySet):
    def for_list(self):
        return self.select_related("uploaded_by__user", "job", "connection").order_by("-id")


class EmrFile(ClinicModel):
    """What somebody uploaded to be taken in, in one or several parts: recognised, tried out, imported, perhaps undone.

    Counts and reasons stand on its newest run: that of the trial, or of the import.
    """

    class Status(models.TextChoices):
        UPLOADED = "UPLOADED", _("To be tried out")
        CHECKING = "CHECKING", _("Being tried out")
        CHECKED = "CHECKED", _("Tried out")
        IMPORTING = "IMPORTING", _("Being imported")
        DONE = "DONE", _("Imported")
        UNDOING = "UNDOING", _("Being undone")
        UNDONE = "UNDONE", _("Undone")

    AT_WORK = (Status.CHECKING, Status.IMPORTING, Status.UNDOING)

    name = models.CharField(_("file"), max_length=255)
    parts = models.JSONField(default=list, help_text=_("Of each file: name, where it is kept, size, format, columns."))
    digest = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    connection = ClinicForeignKey(
        EmrConnection, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("comes from")
    )
    winner = models.CharField(max_length=6, default="ASK", help_text=_("Who wins where both know something."))
    recognised = models.JSONField(default=dict, help_text=_("How many resources of which type."))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.UPLOADED)
    job = ClinicForeignKey(BackgroundJob, on_delete=models.SET_NULL, null=True, related_name="+")
    uploaded_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    objects = ScopedManager.of(EmrFileQuerySet)

    class Meta:
        verbose_name = _("EMR file")
        verbose_name_plural = _("EMR files")
        indexes = [
            clinic_index("-id", name="emr_file_newest_first"),
            clinic_index("digest", name="emr_file_of_same_bytes"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("patients:emr_file_detail", args=[self.pk])

    @property
    def is_at_work(self):
        return self.status in self.AT_WORK and self.job is not None and self.job.is_unfinished

    @property
    def is_stopped(self):
        """Its work ended before its time: cancelled or failed. What it had done stands, and it can go on."""
        return self.status in self.AT_WORK and not self.is_at_work

    @property
    def newest_run(self):
        """The run of its import; before there is one, that of its trial."""
        return self.runs.order_by("is_trial", "-id").first()

    @property
    def may_be_mapped(self):
        """Nothing of it has been imported yet, and nobody is trying it out."""
        is_stopped_trial = self.status == self.Status.CHECKING and self.is_stopped
        return self.status in (self.Status.UPLOADED, self.Status.CHECKED) or is_stopped_trial

    @property
    def may_be_undone(self):
        if self.status == self.Status.DONE:
            return self.finished_at > timezone.now() - UNDO_WITHIN
        return self.is_stopped and self.status in (self.Status.IMPORTING, self.Status.UNDOING)

    @property
    def undo_until(self):
        return self.finished_at + UNDO_WITHIN if self.finished_at else None


class EmrRunQuerySet(models.QuerySet):
    def for_list(self):
        """Runs as people look for them: no trials, newest first."""
        rows = self.select_related("connection", "file", "job", "started_by__user")
        return rows.filter(is_trial=False).order_by("-id")

    def decided_by_people(self):
        return self.filter(kind=EmrRun.Kind.REVIEW)

    def sweeps(self):
        """Those that looked for what was deleted there."""
        return self.filter(kind=EmrRun.Kind.SWEEP)

    def of_connection(self, connection):
        return self.filter(connection=connection)


class EmrRun(ClinicModel):
    """One pass over what an EMR told: a full load, an increment, a file, one webhook, or what a person decided."""

    class Kind(models.TextChoices):
        FULL = "FULL", _("Full load")
        INCREMENT = "INCREMENT", _("What has changed")
        FILE = "FILE", _("File")
        HOOK = "HOOK", _("Told by the EMR")
        SWEEP = "SWEEP", _("What was deleted there")
        REVIEW = "REVIEW", _("Decided by a person")

    class Status(models.TextChoices):
        RUNNING = "RUNNING", _("Running")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")
        STOPPED = "STOPPED", _("Stopped")
        UNDONE = "UNDONE", _("Undone")

    COUNTS = ("taken", "changed", "unchanged", "refused", "waiting", "left_out")

    connection = ClinicForeignKey(EmrConnection, on_delete=models.CASCADE, null=True, related_name="runs")
    file = ClinicForeignKey(EmrFile, on_delete=models.CASCADE, null=True, related_name="runs")
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RUNNING)
    is_trial = models.BooleanField(default=False)
    taken_count = models.PositiveIntegerField(_("new"), default=0)
    changed_count = models.PositiveIntegerField(_("changed"), default=0)
    unchanged_count = models.PositiveIntegerField(_("as before"), default=0)
    refused_count = models.PositiveIntegerField(_("not taken"), default=0)
    waiting_count = models.PositiveIntegerField(_("waiting for a person"), default=0)
    left_out_count = models.PositiveIntegerField(_("of other types"), default=0)
    by_type = models.JSONField(default=dict, help_text=_("The same counts for each type of resource."))
    cursor = models.JSONField(default=dict, help_text=_("Up to where it has come."))
    started_at = models.DateTimeField(_("begun"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True)
    error = models.TextField(blank=True, default="")
    job = ClinicForeignKey(BackgroundJob, on_delete=models.SET_NULL, null=True, related_name="+")
    started_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(EmrRunQuerySet)

    class Meta:
        verbose_name = _("EMR run")
        verbose_name_plural = _("EMR runs")
        indexes = [
            clinic_index("-id", name="emr_run_newest_first"),
            clinic_index("connection", "-id", name="emr_run_of_a_connection"),
            clinic_index("file", "-id", name="emr_run_of_a_file"),
        ]

    def __str__(self):
        return str(self.get_kind_display())

    def get_absolute_url(self):
        return reverse("patients:emr_run_detail", args=[self.pk])

    @property
    def seen_count(self):
        return sum(getattr(self, f"{name}_count") for name in self.COUNTS)

    @property
    def is_asking(self):
        """It has stopped because so much is missing that a person has to say first whether that is gone."""
        return self.status == self.Status.STOPPED and bool(self.cursor.get("asks"))

    @property
    def may_be_undone(self):
        """What a person decided, and for a week what a look for deletions took away."""
        if self.kind == self.Kind.REVIEW:
            return self.status == self.Status.DONE
        is_over = self.status not in (self.Status.RUNNING, self.Status.UNDONE)
        is_recent = self.ended_at is not None and self.ended_at > timezone.now() - UNDO_WITHIN
        return self.kind == self.Kind.SWEEP and is_over and is_recent and self.changed_count > 0

    @property
    def duration(self):
        """How long it took, or has taken up to now."""
        return (self.ended_at or timezone.now()) - self.started_at

    @property
    def origin(self):
        """The name of the file or the connection that it went over."""
        return str(self.file or self.connection or "")

    @property
    def seconds(self):
        return round(self.duration.total_seconds())

    def count(self, resource_type, outcome, number=1):
        """Add to the counts, in memory."""
        setattr(self, f"{outcome}_count", getattr(self, f"{outcome}_count") + number)
        of_type = self.by_type.setdefault(resource_type, {})
        of_type[outcome] = of_type.get(outcome, 0) + number
