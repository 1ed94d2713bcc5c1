from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.encryption import EncryptedJSONField
from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index
from patients.models.patient import Patient


class PatientPairQuerySet(models.QuerySet):
    def open(self):
        """Pairs that nobody has decided on; a patient who went away since has decided it."""
        return self.filter(status=PatientPair.Status.OPEN, one__deleted_at=None, other__deleted_at=None)

    def dismissed(self):
        return self.filter(status=PatientPair.Status.DISMISSED)

    def between(self, patient, other):
        one, other = sorted((patient.pk, other.pk))
        return self.filter(one=one, other=other)

    def for_list(self):
        """Everything that a row of the review shows, the likeliest first, in one query."""
        return self.select_related("one", "other", "decided_by__user").order_by("-score", "-pk")


class PatientPair(ClinicModel):
    """Two patients who may be one person, found by the sweep or by somebody who looked; `one` has the lower id.

    `facts` is a mark of what was compared: a pair that was decided on comes back only when that has changed.
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", _("To look at")
        DISMISSED = "DISMISSED", _("Not a duplicate")
        MERGED = "MERGED", _("Merged")

    one = ClinicForeignKey(Patient, on_delete=models.CASCADE, related_name="+")
    other = ClinicForeignKey(Patient, on_delete=models.CASCADE, related_name="+")
    verdict = models.CharField(_("verdict"), max_length=9)
    score = models.PositiveSmallIntegerField(_("score"))
    reasons = models.JSONField(_("reasons"), default=list)
    facts = models.CharField(max_length=64)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.OPEN)
    decided_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = ScopedManager.of(PatientPairQuerySet)

    class Meta:
        verbose_name = _("patients who may be one")
        verbose_name_plural = _("patients who may be one")
        constraints = [
            models.UniqueConstraint(fields=["clinic", "one", "other"], name="patient_pair_once"),
            models.CheckConstraint(condition=models.Q(one__lt=models.F("other")), name="patient_pair_in_order"),
        ]
        indexes = [
            clinic_index("status", "-score", "-id", name="patient_pair_queue"),
            clinic_index("other", name="patient_pair_of_other"),
        ]

    def __str__(self):
        return f"{self.one} · {self.other}"

    def get_absolute_url(self):
        return reverse("patients:patient_pair_detail", args=[self.pk])


class PatientSweep(ClinicModel):
    """Where the nightly look for duplicates stands, one row a clinic; it looks at patients changed after `since`."""

    since = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    position = models.UUIDField(null=True)
    finished_at = models.DateTimeField(null=True)
    looked_at_count = models.PositiveIntegerField(default=0)
    found_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic"], name="patient_sweep_once_a_clinic")]

    def __str__(self):
        return str(self.looked_at_count)


class PatientMergeQuerySet(models.QuerySet):
    def standing(self):
        return self.filter(undone_at=None)

    def for_list(self):
        return self.select_related("survivor", "merged", "by__user").order_by("-created_at", "-pk")


class PatientMerge(ClinicModel):
    """Two patients were made one: which rows moved and what the survivor was before, so that it can be taken back."""

    survivor = ClinicForeignKey(Patient, on_delete=models.CASCADE, related_name="merges")
    merged = ClinicForeignKey(Patient, on_delete=models.CASCADE, related_name="merged_into")
    by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    choices = models.JSONField(default=dict)
    moved = models.JSONField(default=dict)
    before = EncryptedJSONField(default=dict)
    after = EncryptedJSONField(default=dict)
    undone_at = models.DateTimeField(null=True)
    undone_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(PatientMergeQuerySet)

    class Meta:
        verbose_name = _("merge of patients")
        verbose_name_plural = _("merges of patients")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "merged"], condition=models.Q(undone_at=None), name="patient_merged_once"
            )
        ]
        indexes = [clinic_index("survivor", "-created_at", name="merges_of_a_patient")]

    def __str__(self):
        return f"{self.merged} → {self.survivor}"

    @property
    def moved_count(self):
        return sum(len(ids) for ids in self.moved.values())
