import string

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, Location, ScopedManager, Tag
from crm.models.choices import DelayUnit, FollowUpAction, MessageChannel, TreatmentInterest, Trigger
from crm.models.pipeline import PipelineStage, TaskTemplate
from crm.models.source import LeadSource

# What a rule's message may name; the words stand in for it once it is sent.
PLACEHOLDERS = ("first_name", "clinic", "coordinator", "appointment")
# The triggers that want a number, and how large it may be.
THRESHOLDS = {Trigger.STUCK_DAYS: 365, Trigger.NO_CONTACT_HOURS: 720, Trigger.NO_RESPONSE: 10}
# What each action needs to know: its field.
NEEDS = {
    FollowUpAction.TASK: "task_template",
    FollowUpAction.MESSAGE: "message_text",
    FollowUpAction.SUGGEST: "target_stage",
    FollowUpAction.TAG: "tag",
}


class FollowUpRuleQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def set_off_by(self, *triggers):
        return self.active().filter(trigger__in=triggers)

    def for_sentence(self):
        """Everything that the sentence of a rule names, in one query."""
        return self.select_related(
            "trigger_stage", "source", "stage", "has_tag", "coordinator__user", "location", "task_template",
            "target_stage", "tag",
        ).order_by("place", "name", "pk")  # fmt: skip


class FollowUpRule(ClinicModel):
    """When something happens to a lead that meets the conditions, do something about it, after a while."""

    name = models.CharField(_("name"), max_length=120)
    key = models.CharField(max_length=40, blank=True, default="", editable=False)
    place = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("on"), default=True)
    active_since = models.DateTimeField(null=True, blank=True, editable=False)

    trigger = models.CharField(_("when"), max_length=20, choices=Trigger)
    trigger_stage = ClinicForeignKey(
        PipelineStage,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("which stage"),
        help_text=_("Which one is entered, or stayed in for too long (none: any stage on the way)."),
    )
    threshold = models.PositiveSmallIntegerField(
        _("how many"), null=True, blank=True, help_text=_("Days in the stage, hours without contact, or attempts.")
    )

    source = ClinicForeignKey(
        LeadSource, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    stage = ClinicForeignKey(
        PipelineStage, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("in the stage")
    )
    interest = models.CharField(_("interest"), max_length=20, choices=TreatmentInterest, blank=True, default="")
    has_tag = ClinicForeignKey(
        Tag, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("has the tag")
    )
    coordinator = ClinicForeignKey(
        ClinicUser, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("coordinator")
    )
    location = ClinicForeignKey(
        Location, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("location")
    )
    value_from_cents = models.PositiveBigIntegerField(_("value from"), null=True, blank=True)
    value_to_cents = models.PositiveBigIntegerField(_("value up to"), null=True, blank=True)

    delay = models.PositiveSmallIntegerField(_("after"), default=0)
    delay_unit = models.CharField(_("counted in"), max_length=8, choices=DelayUnit, default=DelayUnit.HOURS)

    action = models.CharField(_("then"), max_length=10, choices=FollowUpAction)
    task_template = ClinicForeignKey(
        TaskTemplate, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("task")
    )
    message_channel = models.CharField(_("by"), max_length=5, choices=MessageChannel, blank=True, default="")
    message_subject = models.CharField(_("subject"), max_length=160, blank=True, default="")
    message_text = models.TextField(
        _("message"),
        blank=True,
        default="",
        max_length=2000,
        help_text=_("It may name {first_name}, {clinic}, {coordinator} and {appointment}."),
    )
    target_stage = ClinicForeignKey(
        PipelineStage, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("stage")
    )
    tag = ClinicForeignKey(
        Tag, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tag")
    )
    daily_cap = models.PositiveSmallIntegerField(
        _("at most, a day"), default=100, help_text=_("What comes beyond it that day is left out, and logged.")
    )

    objects = ScopedManager.of(FollowUpRuleQuerySet)

    class Meta:
        verbose_name = _("follow-up rule")
        verbose_name_plural = _("follow-up rules")
        ordering = ["place", "name"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "name"], name="follow_up_rule_once_a_name"),
            models.UniqueConstraint(fields=["clinic", "key"], condition=~Q(key=""), name="follow_up_rule_once_a_key"),
            models.CheckConstraint(
                condition=~Q(trigger__in=["STUCK_DAYS", "NO_CONTACT_HOURS", "NO_RESPONSE"]) | Q(threshold__gt=0),
                name="follow_up_rule_has_number",
            ),
            models.CheckConstraint(
                condition=~Q(trigger="STAGE_ENTERED") | Q(trigger_stage__isnull=False),
                name="follow_up_rule_has_stage",
            ),
            models.CheckConstraint(
                condition=(~Q(action="TASK") | Q(task_template__isnull=False))
                & (~Q(action="SUGGEST") | Q(target_stage__isnull=False))
                & (~Q(action="TAG") | Q(tag__isnull=False))
                & (~Q(action="MESSAGE") | (~Q(message_text="") & ~Q(message_channel=""))),
                name="follow_up_rule_knows_what",
            ),
            models.CheckConstraint(condition=Q(daily_cap__gt=0), name="follow_up_rule_cap_positive"),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        """Refuse a rule that could not do what it says; what its trigger and action do not ask is emptied."""
        wrong = self._wrong_trigger() | self._wrong_conditions() | self._wrong_action()
        if wrong:
            raise ValidationError(wrong)
        if self.is_active and self.active_since is None:
            self.active_since = timezone.now()
        elif not self.is_active:
            self.active_since = None

    @property
    def conditions(self):
        """Which leads the rule is about, as a condition of a query."""
        wanted = {
            "source": self.source_id,
            "stage": self.stage_id,
            "tag_links__tag": self.has_tag_id,
            "assigned_to": self.coordinator_id,
            "location": self.location_id,
            "treatment_interest__contains": [self.interest] if self.interest else None,
            "expected_value_cents__gte": self.value_from_cents,
            "expected_value_cents__lte": self.value_to_cents,
        }
        return Q(**{name: value for name, value in wanted.items() if value is not None})

    def _wrong_trigger(self):
        most = THRESHOLDS.get(self.trigger)
        if most is None:
            self.threshold = None
        elif not self.threshold or self.threshold > most:
            return {"threshold": _("Give a number from 1 to %(most)s.") % {"most": most}}
        if self.trigger == Trigger.STAGE_ENTERED and self.trigger_stage_id is None:
            return {"trigger_stage": _("Say which stage.")}
        if self.trigger not in (Trigger.STAGE_ENTERED, Trigger.STUCK_DAYS):
            self.trigger_stage = None
        if self.trigger == Trigger.STUCK_DAYS and self.trigger_stage and not self.trigger_stage.is_open:
            return {"trigger_stage": _("Nobody waits in a stage that ends the way.")}
        return {}

    def _wrong_conditions(self):
        if self.value_from_cents and self.value_to_cents and self.value_from_cents > self.value_to_cents:
            return {"value_to_cents": _("This is less than the lowest value.")}
        return {}

    def _wrong_action(self):
        for action, field in NEEDS.items():
            if action != self.action:
                setattr(self, field, "" if field == "message_text" else None)
        needed = NEEDS.get(self.action)
        if needed and not getattr(self, needed):
            return {needed: _("The action needs this.")}
        if self.action == FollowUpAction.MESSAGE:
            return self._wrong_message()
        self.message_channel = self.message_subject = ""
        if self.action == FollowUpAction.SUGGEST and self.target_stage.kind == PipelineStage.Kind.WON:
            return {"target_stage": _("Who becomes a patient is decided by a person, not suggested by a rule.")}
        return {}

    def _wrong_message(self):
        if not self.message_channel:
            return {"message_channel": _("Say by which way it goes.")}
        if self.message_channel == MessageChannel.EMAIL and not self.message_subject:
            return {"message_subject": _("An e-mail needs a subject.")}
        try:
            named = {
                name for _text, name, _spec, _way in string.Formatter().parse(self.message_text) if name is not None
            }
        except ValueError:
            return {"message_text": _("A curly bracket stands alone. Write {first_name} with both.")}
        unknown = sorted(named - set(PLACEHOLDERS))
        if unknown:
            words = _("Nobody knows {%(name)s}. There are: %(known)s.")
            return {"message_text": words % {"name": unknown[0], "known": ", ".join(f"{{{n}}}" for n in PLACEHOLDERS)}}
        return {}
