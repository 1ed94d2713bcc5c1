"""What an EMR told of one thing, what it is here, and what waits for a person."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.encryption import EncryptedJSONField
from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, Location, ScopedManager
from clinics.models.base import clinic_index
from patients.models.appointment import Appointment
from patients.models.emr import EmrConnection, EmrRun
from patients.models.patient import Patient
from patients.models.provider import Provider
from patients.models.visit import Visit


class EmrRecordQuerySet(models.QuerySet):
    def of_source(self, connection):
        """What one EMR told; None for files that come from no connection."""
        return self.filter(connection=connection)

    def named(self, resource_type, external_id):
        return self.filter(resource_type=resource_type, external_id=external_id)

    def of_patient(self, patient):
        return self.filter(patient=patient)

    def standing_at(self, moment):
        """What was known at a moment to be there: neither refused, nor left out, nor deleted there."""
        states = (EmrRecord.State.TAKEN, EmrRecord.State.WAITING)
        return self.filter(state__in=states, gone_at=None, created_at__lt=moment)

    def missing_since(self, moment):
        """Those of them that the EMR has not named since."""
        return self.standing_at(moment).filter(Q(met_at=None) | Q(met_at__lt=moment)).order_by("id")


class EmrRecord(ClinicModel):
    """One thing of an EMR, once per source, type and id: which version we know, and which of our rows it is.

    `is_made_here` says that our row was made of it; otherwise it was here before and the two were found to be one.
    `seen` holds the values that the EMR told last, by our field, to tell whose side has changed since.
    """

    class State(models.TextChoices):
        TAKEN = "TAKEN", _("Taken")
        WAITING = "WAITING", _("Waits for a person")
        REFUSED = "REFUSED", _("Not taken")
        IGNORED = "IGNORED", _("Left out for good")

    connection = ClinicForeignKey(EmrConnection, on_delete=models.CASCADE, null=True, related_name="records")
    resource_type = models.CharField(max_length=20)
    external_id = models.CharField(max_length=120)
    version_id = models.CharField(max_length=80, blank=True, default="")
    last_updated = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State, default=State.TAKEN)
    seen = EncryptedJSONField(null=True)
    patient = ClinicForeignKey(Patient, on_delete=models.SET_NULL, null=True, related_name="emr_records")
    visit = ClinicForeignKey(Visit, on_delete=models.SET_NULL, null=True, related_name="emr_records")
    appointment = ClinicForeignKey(Appointment, on_delete=models.SET_NULL, null=True, related_name="emr_records")
    provider = ClinicForeignKey(Provider, on_delete=models.SET_NULL, null=True, related_name="+")
    location = ClinicForeignKey(Location, on_delete=models.SET_NULL, null=True, related_name="+")
    is_made_here = models.BooleanField(default=False)
    met_at = models.DateTimeField(null=True, help_text=_("When the EMR named it last."))
    gone_at = models.DateTimeField(null=True, help_text=_("Since when it is known to be deleted there."))
    run = ClinicForeignKey(EmrRun, on_delete=models.SET_NULL, null=True, related_name="records")

    objects = ScopedManager.of(EmrRecordQuerySet)

    class Meta:
        verbose_name = _("EMR record")
        verbose_name_plural = _("EMR records")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "connection", "resource_type", "external_id"],
                name="emr_record_once_a_source",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            clinic_index("patient", name="emr_record_of_a_patient", condition=Q(patient__isnull=False)),
            clinic_index("visit", name="emr_record_of_a_visit", condition=Q(visit__isnull=False)),
            clinic_index("appointment", name="emr_record_of_an_appointment", condition=Q(appointment__isnull=False)),
            clinic_index("run", "id", name="emr_record_of_a_run", condition=Q(run__isnull=False)),
        ]

    def __str__(self):
        return f"{self.resource_type}/{self.external_id}"


class EmrChange(ClinicModel):
    """What a run changed of a row that was here before, sealed, so that it can be taken back."""

    run = ClinicForeignKey(EmrRun, on_delete=models.CASCADE, related_name="changes")
    record = ClinicForeignKey(EmrRecord, on_delete=models.CASCADE, related_name="changes")
    record_before = EncryptedJSONField(null=True, help_text=_("What was known of the record before."))
    before = EncryptedJSONField(null=True)
    after = EncryptedJSONField(null=True)

    class Meta:
        verbose_name = _("EMR change")
        verbose_name_plural = _("EMR changes")
        indexes = [
            clinic_index("run", "-id", name="emr_change_of_a_run"),
            clinic_index("record", name="emr_change_of_a_record"),
        ]

    def __str__(self):
        return str(self.record_id)


def is_uuid(text):
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


class EmrIssueQuerySet(models.QuerySet):
    def open(self):
        """What waits for a person: unmatched, conflicting or incomplete, of no trial."""
        return self.filter(resolved_at=None, is_trial=False, kind__in=EmrIssue.FOR_PEOPLE)

    def of_kind(self, kind):
        """Those of one kind; of any for ""."""
        return self.filter(kind=kind) if kind else self

    def decided_by_people(self):
        return self.exclude(resolution__in=["", EmrIssue.Resolution.OVERTAKEN]).filter(is_trial=False)

    def chosen(self, ids):
        """Those of these ids, given as text; what is none of ours is passed over."""
        return self.filter(pk__in=[each for each in ids if is_uuid(each)])

    def kinds_waiting(self):
        """[(kind, label, how many)] of what waits, for the tabs above the list."""
        counts = dict(self.open().order_by().values_list("kind").annotate(models.Count("pk")))
        return [(kind.value, kind.label, counts.get(kind.value, 0)) for kind in EmrIssue.FOR_PEOPLE]

    def of_run(self, run):
        return self.filter(run=run).order_by("resource_type", "pk")

    def for_list(self):
        return self.select_related(
            "clinic", "connection", "record__patient", "record__appointment", "resolved_by__user", "decided_in"
        )


class EmrIssue(ClinicModel):
    """A resource that was not simply taken: why, what it said, and who decided what became of it.

    `wants` names what it waits for ("Patient/123"): when that comes, it is tried again by itself.
    """

    class Kind(models.TextChoices):
        UNMATCHED = "UNMATCHED", _("Whose is it?")
        CONFLICT = "CONFLICT", _("Two versions")
        INCOMPLETE = "INCOMPLETE", _("Incomplete")
        REFUSED = "REFUSED", _("Not taken")
        REMARK = "REMARK", _("Taken, but for something")

    class Resolution(models.TextChoices):
        THEIRS = "THEIRS", _("Theirs was taken")
        OURS = "OURS", _("Ours was kept")
        LINKED = "LINKED", _("Found to be one")
        CREATED = "CREATED", _("Taken as new")
        IGNORED = "IGNORED", _("Left out")
        OVERTAKEN = "OVERTAKEN", _("Settled by a newer version")

    FOR_PEOPLE = (Kind.UNMATCHED, Kind.CONFLICT, Kind.INCOMPLETE)

    connection = ClinicForeignKey(EmrConnection, on_delete=models.CASCADE, null=True, related_name="issues")
    run = ClinicForeignKey(EmrRun, on_delete=models.CASCADE, null=True, related_name="issues")
    record = ClinicForeignKey(EmrRecord, on_delete=models.CASCADE, null=True, related_name="issues")
    is_trial = models.BooleanField(default=False)
    resource_type = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    code = models.CharField(max_length=30, help_text=_("A key of patients.emr.reasons.REASONS."))
    details = models.JSONField(default=dict)
    fields = models.JSONField(default=list, help_text=_("The groups of fields that both sides changed."))
    candidates = models.JSONField(default=list, help_text=_("Ids of the patients who may be meant."))
    wants = models.CharField(max_length=160, blank=True, default="")
    payload = EncryptedJSONField(null=True)
    resolution = models.CharField(max_length=10, choices=Resolution, blank=True, default="")
    resolved_at = models.DateTimeField(null=True)
    resolved_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_in = ClinicForeignKey(EmrRun, on_delete=models.SET_NULL, null=True, related_name="decided")

    objects = ScopedManager.of(EmrIssueQuerySet)

    class Meta:
        verbose_name = _("EMR issue")
        verbose_name_plural = _("EMR issues")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "record"],
                condition=Q(resolved_at__isnull=True, record__isnull=False),
                name="emr_issue_open_once_a_record",
            ),
        ]
        indexes = [
            clinic_index("kind", "-id", name="emr_issue_open", condition=Q(resolved_at=None, is_trial=False)),
            clinic_index("run", "id", name="emr_issue_of_a_run"),
            clinic_index("wants", name="emr_issue_wanting", condition=Q(resolved_at=None) & ~Q(wants="")),
            clinic_index("decided_in", name="emr_issue_decided_in", condition=Q(decided_in__isnull=False)),
        ]

    def __str__(self):
        return f"{self.resource_type}/{self.external_id}: {self.code}"

    def get_absolute_url(self):
        return reverse("patients:emr_issue_detail", args=[self.pk])
