from datetime import datetime, timedelta

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index
from crm.models.choices import LostReason, TaskPriority, TaskType


class TaskTemplateQuerySet(models.QuerySet):
    def usable(self):
        """Those that are in use."""
        return self.filter(is_active=True)


class TaskTemplate(ClinicModel):
    """A task that is created the same way again and again."""

    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True, default="")
    type = models.CharField(_("type"), max_length=30, choices=TaskType, default=TaskType.CALL)
    priority = models.CharField(_("priority"), max_length=10, choices=TaskPriority, default=TaskPriority.NORMAL)
    due_after_minutes = models.PositiveIntegerField(_("due after (minutes)"), default=24 * 60)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = ScopedManager.of(TaskTemplateQuerySet)

    class Meta:
        verbose_name = _("task template")
        verbose_name_plural = _("task templates")
        ordering = ["title"]
        constraints = [models.UniqueConstraint(fields=["clinic", "title"], name="task_template_once_a_clinic")]

    def __str__(self):
        return self.title


class PipelineStageQuerySet(models.QuerySet):
    def in_order(self):
        return self.order_by("order", "pk")

    def ahead_of(self, stage):
        """The stages to which a lead of this one may go on, in order; Lost is none of them."""
        return self.filter(order__gt=stage.order).exclude(kind=PipelineStage.Kind.LOST).in_order()

    def booking_after(self, stage):
        """The next stage ahead of another that asks for an appointment on entry, or None."""
        asking = self.filter(asks_on_entry=PipelineStage.Asks.APPOINTMENT, order__gt=stage.order)
        return asking.in_order().first()


class PipelineStage(ClinicModel):
    """A step on the way from first contact to treatment, or out of it."""

    class Kind(models.TextChoices):
        OPEN = "OPEN", _("On the way")
        WON = "WON", _("Won")
        LOST = "LOST", _("Lost")

    class Asks(models.TextChoices):
        NOTHING = "", _("Nothing")
        APPOINTMENT = "APPOINTMENT", _("An appointment")
        VALUE = "VALUE", _("The value of the treatment")

    class Fact(models.TextChoices):
        NOTHING = "", _("Nothing of it")
        BOOKED = "BOOKED", _("A consultation is booked")
        ATTENDED = "ATTENDED", _("They have come to it")
        TREATED = "TREATED", _("Treatment has begun")

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("short name"), max_length=80, db_index=False)
    description = models.TextField(_("description"), blank=True, default="")
    order = models.PositiveSmallIntegerField(_("order"))
    color = models.CharField(_("color"), max_length=20, blank=True, default="")
    kind = models.CharField(_("kind"), max_length=5, choices=Kind, default=Kind.OPEN)
    auto_task_template = ClinicForeignKey(
        TaskTemplate,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("task on entry"),
    )
    asks_on_entry = models.CharField(
        _("asks on entry"),
        max_length=12,
        choices=Asks,
        default=Asks.NOTHING,
        blank=True,
        help_text=_("What whoever moves a lead here is asked. The lost stage always asks for the reason."),
    )
    fact = models.CharField(
        _("says of the schedule"),
        max_length=8,
        choices=Fact,
        default=Fact.NOTHING,
        blank=True,
        help_text=_("Cards move here when it happens in the schedule, never back."),
    )
    auto_message_template = models.CharField(_("message on entry"), max_length=120, blank=True, default="")
    max_days_in_stage = models.PositiveSmallIntegerField(_("days at most"), null=True, blank=True)
    is_terminal = models.BooleanField(_("end of the way"), default=False)
    is_default = models.BooleanField(_("for new leads"), default=False)

    objects = ScopedManager.of(PipelineStageQuerySet)

    class Meta:
        verbose_name = _("pipeline stage")
        verbose_name_plural = _("pipeline stages")
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "slug"], name="stage_slug_once_a_clinic"),
            models.UniqueConstraint(
                fields=["clinic"], condition=models.Q(is_default=True), name="stage_one_default_a_clinic"
            ),
            models.UniqueConstraint(
                fields=["clinic", "fact"], condition=~models.Q(fact=""), name="stage_one_for_each_fact"
            ),
            models.UniqueConstraint(fields=["clinic"], condition=models.Q(kind="LOST"), name="stage_one_lost_a_clinic"),
        ]

    def __str__(self):
        return self.name

    @property
    def is_open(self):
        return self.kind == self.Kind.OPEN


class ExactJSONEncoder(DjangoJSONEncoder):
    """Keeps the microseconds of a moment, so that an undo restores it to the letter."""

    def default(self, value):
        return value.isoformat() if isinstance(value, datetime) else super().default(value)


class StageChangeQuerySet(models.QuerySet):
    def standing(self):
        """Moves that were not undone."""
        return self.filter(undone_at=None)


class StageChange(ClinicModel):
    """One move of a lead. What the lead was before stands beside it, so that the move can be undone whole."""

    lead = ClinicForeignKey("crm.Lead", on_delete=models.CASCADE, related_name="stage_changes")
    from_stage = ClinicForeignKey(PipelineStage, on_delete=models.PROTECT, null=True, related_name="+")
    to_stage = ClinicForeignKey(PipelineStage, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    lost_reason = models.CharField(max_length=20, choices=LostReason, blank=True, default="")
    before = models.JSONField(default=dict, encoder=ExactJSONEncoder)
    undone_at = models.DateTimeField(null=True)

    objects = ScopedManager.of(StageChangeQuerySet)

    class Meta:
        verbose_name = _("stage change")
        verbose_name_plural = _("stage changes")
        constraints = [
            # A minute of grace for clocks of two machines.
            models.CheckConstraint(
                condition=models.Q(changed_at__lte=models.F("created_at") + timedelta(minutes=1)),
                name="stage_change_not_in_the_future",
            ),
        ]
        indexes = [
            clinic_index("lead", "-changed_at", name="stage_change_of_a_lead"),
            clinic_index("changed_at", name="stage_change_by_day"),
        ]
