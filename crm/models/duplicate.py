from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.encryption import EncryptedJSONField
from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index
from crm.models.lead import Lead


class LeadMatchKey(ClinicModel):
    """One of the keys by which a lead is found though its name is written differently (clinics/same_person/keys.py)."""

    lead = ClinicForeignKey(Lead, on_delete=models.CASCADE, related_name="match_keys")
    key = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "key", "lead"], name="match_key_once_a_lead")]
        indexes = [clinic_index("lead", name="match_keys_of_a_lead")]


class DuplicatePairQuerySet(models.QuerySet):
    def open(self):
        """Pairs that nobody has decided on; a lead that went away since has decided it."""
        return self.filter(status=DuplicatePair.Status.OPEN, one__deleted_at=None, other__deleted_at=None)

    def dismissed(self):
        return self.filter(status__in=(DuplicatePair.Status.DISMISSED, DuplicatePair.Status.HOUSEHOLD))

    def sure(self):
        return self.filter(verdict="SAME")

    def to_look_at(self):
        return self.filter(verdict="POSSIBLE")

    def with_reason(self, reason):
        return self.filter(reasons__contains=[reason])

    def about(self, lead):
        return self.filter(models.Q(one=lead) | models.Q(other=lead))

    def between(self, lead, other):
        one, other = sorted((lead.pk, other.pk))
        return self.filter(one=one, other=other)

    def for_list(self):
        """Everything that a row of the review shows, the likeliest first, in one query."""
        people = ("one", "other", "one__stage", "other__stage", "one__source", "other__source")
        return self.select_related(*people, "decided_by__user").order_by("-score", "-pk")


class DuplicatePair(ClinicModel):
    """Two leads that may be one person, found by the sweep or by somebody who looked; `one` has the lower id.

    `facts` is a mark of what was compared: a pair that was decided on comes back only when that has changed.
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", _("To look at")
        DISMISSED = "DISMISSED", _("Not a duplicate")
        HOUSEHOLD = "HOUSEHOLD", _("Same household")
        MERGED = "MERGED", _("Merged")

    class Verdict(models.TextChoices):
        SAME = "SAME", _("Same person")
        POSSIBLE = "POSSIBLE", _("Possibly the same")

    one = ClinicForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    other = ClinicForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict)
    score = models.PositiveSmallIntegerField(_("score"))
    reasons = models.JSONField(_("reasons"), default=list)
    facts = models.CharField(max_length=64)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    decided_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    # What a decision "same household" changed, so that it can be taken back: {lead id: household id before}.
    before = models.JSONField(default=dict)

    objects = ScopedManager.of(DuplicatePairQuerySet)

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        constraints = [
            models.UniqueConstraint(fields=["clinic", "one", "other"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=models.Q(one__lt=models.F("other")), name="duplicate_pair_in_order"),
        ]
        indexes = [
            clinic_index("status", "-score", "-id", name="duplicate_pair_queue"),
            clinic_index("other", name="duplicate_pair_of_other"),
        ]

    def __str__(self):
        return f"{self.one} · {self.other}"

    def get_absolute_url(self):
        return reverse("crm:duplicate_detail", args=[self.pk])


class DuplicateSweep(ClinicModel):
    """Where the nightly look for duplicates stands, one row a clinic; it looks at leads changed after `since`."""

    since = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    position = models.UUIDField(null=True)
    finished_at = models.DateTimeField(null=True)
    looked_at_count = models.PositiveIntegerField(default=0)
    found_count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("sweep for duplicates")
        verbose_name_plural = _("sweeps for duplicates")
        constraints = [models.UniqueConstraint(fields=["clinic"], name="duplicate_sweep_once_a_clinic")]


class LeadMergeQuerySet(models.QuerySet):
    def standing(self):
        """Merges that were not undone."""
        return self.filter(undone_at=None)

    def for_list(self):
        return self.select_related("merged", "by__user").order_by("-created_at", "-pk")


class LeadMerge(ClinicModel):
    """That one lead was merged into another: what moved, and what the survivor was before, so that it can be undone."""

    survivor = ClinicForeignKey(Lead, on_delete=models.CASCADE, related_name="merges")
    merged = ClinicForeignKey(Lead, on_delete=models.CASCADE, related_name="merged_into")
    by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    choices = models.JSONField(default=dict)
    # Ids of the rows that went from one lead to the other, by the label of their model; and their number by kind.
    moved = models.JSONField(default=dict)
    # Values of both leads as they were: birth date and insurance id are among them, so they are sealed here, too.
    before = EncryptedJSONField(default=dict)
    after = EncryptedJSONField(default=dict)
    undone_at = models.DateTimeField(null=True)
    undone_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(LeadMergeQuerySet)

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "merged"], condition=models.Q(undone_at=None), name="lead_merged_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=~models.Q(survivor=models.F("merged")), name="lead_not_merged_into_itself"
            ),
        ]
        indexes = [clinic_index("survivor", "-id", name="merges_of_a_survivor")]

    @property
    def moved_count(self):
        return sum(len(ids) for ids in self.moved.values())
