from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ScopedManager
from clinics.models.base import clinic_index
from crm.models.follow_up import FollowUpRule
from crm.models.lead import Lead


class RunOutcome(models.TextChoices):
    """What came of a rule that was set off; the words take what stands in `facts`."""

    TASK_SET = "TASK_SET", _("Set the task “%(title)s”.")
    MESSAGE_DUE = "MESSAGE_DUE", _("Handed over a message (%(channel)s) to be sent.")
    ESCALATED = "ESCALATED", _("Told %(who)s.")
    SUGGESTED = "SUGGESTED", _("Suggested to move the lead to %(stage)s.")
    TAGGED = "TAGGED", _("Put the tag %(tag)s on.")
    OPEN_ALREADY = "OPEN_ALREADY", _("Did nothing: “%(title)s” is planned already.")
    TAGGED_ALREADY = "TAGGED_ALREADY", _("Did nothing: the tag %(tag)s was on already.")
    NOT_AHEAD = "NOT_AHEAD", _("Did nothing: %(stage)s does not lie ahead.")
    NO_ADDRESS = "NO_ADDRESS", _("Did nothing: there is no address for %(channel)s.")
    NOBODY = "NOBODY", _("Did nothing: there is nobody to tell.")
    RULE_OFF = "RULE_OFF", _("Did nothing: the rule was switched off meanwhile.")
    NOT_MEANT = "NOT_MEANT", _("Did nothing: the lead no longer meets the conditions.")
    OVER = "OVER", _("Did nothing: what set it off was over by then.")
    LEAD_CLOSED = "LEAD_CLOSED", _("Did nothing: the lead is closed.")
    CAP = "CAP", _("Did nothing: the rule had acted %(cap)s times that day.")
    BROKEN = "BROKEN", _("Did nothing: %(why)s")
    ERROR = "ERROR", _("Something went wrong on our side, three times. Nothing was changed.")


# Ends in which the rule did what it says.
DID = ("TASK_SET", "MESSAGE_DUE", "ESCALATED", "SUGGESTED", "TAGGED")


class FollowUpRunQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(status=FollowUpRun.Status.WAITING)

    def due(self, moment):
        """Those whose time has come, the longest waiting first."""
        return self.waiting().filter(due_at__lte=moment).order_by("due_at", "pk")

    def that_acted_since(self, moment):
        return self.filter(outcome__in=DID, ran_at__gte=moment)

    def count_by_rule(self):
        """How many there are of each rule: {rule_id: number}."""
        return dict(self.order_by().values_list("rule_id").annotate(number=models.Count("pk")))

    def of_lead(self, lead):
        """What rules did with a lead, the newest first."""
        return self.filter(lead=lead).order_by("-pk")

    def for_list(self):
        return self.select_related("lead", "rule").order_by("-pk")


class FollowUpRun(ClinicModel):
    """One rule set off once for one lead: why, when it is due, and what it did."""

    class Status(models.TextChoices):
        WAITING = "WAITING", _("Waiting")
        DONE = "DONE", _("Done")
        SKIPPED = "SKIPPED", _("Left out")
        FAILED = "FAILED", _("Failed")

    rule = ClinicForeignKey(FollowUpRule, on_delete=models.SET_NULL, null=True, related_name="runs")
    rule_name = models.CharField(max_length=120)
    lead = ClinicForeignKey(Lead, on_delete=models.CASCADE, related_name="follow_up_runs")
    occurrence = models.CharField(max_length=80, help_text=_("What set it off; the same one does so once."))
    because = models.CharField(max_length=255)
    due_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    ran_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=RunOutcome, blank=True, default="")
    facts = models.JSONField(default=dict, blank=True)
    decision = models.CharField(
        max_length=9,
        blank=True,
        default="",
        choices=[("ACCEPTED", _("accepted")), ("DISMISSED", _("dismissed")), ("ANSWERED", _("settled by an answer"))],
    )

    objects = ScopedManager.of(FollowUpRunQuerySet)

    class Meta:
        verbose_name = _("run of a follow-up rule")
        verbose_name_plural = _("runs of follow-up rules")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "rule", "lead", "occurrence"], name="follow_up_once_an_occurrence"
            )
        ]
        indexes = [
            clinic_index("due_at", "id", name="follow_up_due", condition=models.Q(status="WAITING")),
            clinic_index("lead", "-id", name="follow_up_of_a_lead"),
            clinic_index("rule", "-ran_at", name="follow_up_of_a_rule"),
        ]

    def __str__(self):
        return f"{self.rule_name}: {self.lead_id}"

    @property
    def words(self):
        """What came of it, or that it waits."""
        return RunOutcome(self.outcome).label % self.facts if self.outcome else ""
