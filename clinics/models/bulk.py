from datetime import timedelta

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models.base import ClinicForeignKey, ClinicModel, ScopedManager
from clinics.models.job import BackgroundJob
from clinics.models.staff import ClinicUser

UNDO_WITHIN = timedelta(days=1)


class ActOnManyQuerySet(models.QuerySet):
    def for_page(self):
        return self.select_related("job__started_by__user", "by__user")


class ActOnMany(ClinicModel):
    """One thing done to many people at once: what, to whom, what came of each, and whether it was taken back.

    Whoever inherits it adds `kind` and the address of its page, and a model of rows (RowOfAct) under the name `rows`.
    """

    class Status(models.TextChoices):
        WORKING = "WORKING", _("Being done")
        DONE = "DONE", _("Done")
        UNDOING = "UNDOING", _("Being taken back")
        UNDONE = "UNDONE", _("Taken back")

    title = models.CharField(max_length=200)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text=_("What the act needs to know."))
    query = models.TextField(null=True, help_text=_("The filter that chose the people, if no hand did."))
    is_gathered = models.BooleanField(default=False, help_text=_("Whether its people are written down."))
    status = models.CharField(max_length=7, choices=Status, default=Status.WORKING)
    total_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    skipped_count = models.PositiveIntegerField(default=0)
    undone_count = models.PositiveIntegerField(default=0)
    kept_count = models.PositiveIntegerField(default=0)
    by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    job = ClinicForeignKey(BackgroundJob, on_delete=models.SET_NULL, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    objects = ScopedManager.of(ActOnManyQuerySet)

    class Meta:
        abstract = True

    def __str__(self):
        return self.title

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


class RowOfActQuerySet(models.QuerySet):
    def of_act(self, act):
        return self.filter(act=act)

    def waiting(self):
        return self.filter(outcome=Outcome.WAITING)

    def to_undo(self):
        return self.filter(outcome=Outcome.DONE)

    def remarkable(self):
        """Those about whom there is something to say: left out, or kept as they are."""
        return self.exclude(reason="")


class Outcome(models.TextChoices):
    """What became of one of them."""

    WAITING = "WAITING", _("Waiting")
    DONE = "DONE", _("Done")
    SKIPPED = "SKIPPED", _("Left out")
    UNDONE = "UNDONE", _("Taken back")
    KEPT = "KEPT", _("Kept")


class RowOfAct(ClinicModel):
    """What became of one of the people of an act on many; whoever inherits it adds `act` and the person."""

    place = models.PositiveIntegerField()
    outcome = models.CharField(max_length=7, choices=Outcome, default=Outcome.WAITING)
    reason = models.TextField(blank=True, default="")
    trace = models.CharField(max_length=40, blank=True, default="", help_text=_("What takes it back."))

    class Meta:
        abstract = True
