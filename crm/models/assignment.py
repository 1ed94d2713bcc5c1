"""Who gets which lead: the clinic's rules in their order, whose turn it is, and what became of it."""

from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, Location, ScopedManager
from clinics.models.base import clinic_index
from clinics.models.clinic import DEGREES_EAST, DEGREES_NORTH
from crm.models.choices import TreatmentInterest


class AssignmentRuleQuerySet(models.QuerySet):
    def in_order(self):
        return self.order_by("order", "pk")

    def in_use(self):
        return self.filter(is_active=True)

    def whole(self):
        """With the places and the `people` (shares) of each rule, in the order in which they are listed."""
        shares = AssignmentShare.objects.select_related("member__user").order_by("place", "pk")
        people = models.Prefetch("shares", shares, to_attr="people")
        return self.prefetch_related(people).select_related("location", "near_location")


class AssignmentRule(ClinicModel):
    """One line of "who gets it": which leads it is about, and how one of its people is chosen for each of them.

    The first rule that a lead fits and that finds somebody decides. What is left empty fits every lead.
    """

    class Hours(models.TextChoices):
        ANY = "ANY", _("At any time")
        OPEN = "OPEN", _("While the location is open")
        CLOSED = "CLOSED", _("While the location is closed")

    class Way(models.TextChoices):
        TURN = "TURN", _("In fair turn, by weight")
        ROOM = "ROOM", _("Whoever has the most room")
        LISTED = "LISTED", _("The first who is free, as listed")

    name = models.CharField(_("name"), max_length=80)
    order = models.PositiveSmallIntegerField(_("order"), default=10)
    is_active = models.BooleanField(_("in use"), default=True)

    source_ids = ArrayField(models.UUIDField(), default=list, blank=True, verbose_name=_("sources"))
    interests = ArrayField(
        models.CharField(max_length=20, choices=TreatmentInterest), default=list, blank=True, verbose_name=_("interest")
    )
    location = ClinicForeignKey(
        Location,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asks for the location"),
    )
    postal_codes = ArrayField(
        models.CharField(max_length=21),
        default=list,
        blank=True,
        verbose_name=_("postal codes"),
        help_text=_("How they begin, or spans: 606, 60701-60712."),
    )
    near_location = ClinicForeignKey(
        Location, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("lives near")
    )
    within_km = models.PositiveSmallIntegerField(_("within (km)"), null=True, blank=True)
    hours = models.CharField(_("asked"), max_length=6, choices=Hours, default=Hours.ANY)

    way = models.CharField(_("who of them"), max_length=6, choices=Way, default=Way.TURN)
    only_on_shift = models.BooleanField(
        _("only who is on shift"), default=False, help_text=_("By their working hours, or the hours of their location.")
    )
    minds_capacity = models.BooleanField(
        _("passes over who is full"),
        default=True,
        help_text=_("Who has as many open leads, or as many new ones today, as they may have."),
    )

    objects = ScopedManager.of(AssignmentRuleQuerySet)

    class Meta:
        verbose_name = _("assignment rule")
        verbose_name_plural = _("assignment rules")
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "name"], name="assignment_rule_name_once_a_clinic"),
            models.CheckConstraint(
                condition=models.Q(near_location=None) | models.Q(within_km__gt=0),
                name="assignment_rule_near_says_how_far",
            ),
        ]

    def __str__(self):
        return self.name


class AssignmentShare(ClinicModel):
    """One of the people of a rule, and what the rule owes them: `credit` is what they are behind, in weights.

    Everybody who could have had a lead gains their weight, whoever gets it pays the weights of all; who is away neither
    gains nor pays, so that they come back to their fair share and not to a flood.
    """

    rule = ClinicForeignKey(AssignmentRule, on_delete=models.CASCADE, related_name="shares")
    member = ClinicForeignKey(ClinicUser, on_delete=models.CASCADE, related_name="+", verbose_name=_("who"))
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=1, validators=[MinValueValidator(1)], help_text=_("2 gets twice as many as 1.")
    )
    place = models.PositiveSmallIntegerField(_("place"), default=0)
    credit = models.IntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("person of the rule")
        verbose_name_plural = _("who gets them")
        ordering = ["place", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "rule", "member"], name="assignment_share_once_a_member"),
            models.CheckConstraint(condition=models.Q(weight__gte=1), name="assignment_share_weighs_something"),
        ]

    def __str__(self):
        return str(self.member)


class PostalArea(ClinicModel):
    """Where the people of a postal code live, roughly: the middle of it, by which distances are told."""

    code = models.CharField(
        _("postal code"), max_length=20, help_text=_("Whole, or how it begins: the longest that fits counts.")
    )
    name = models.CharField(_("name"), max_length=80, blank=True, default="")
    latitude = models.FloatField(_("latitude"), validators=DEGREES_NORTH)
    longitude = models.FloatField(_("longitude"), validators=DEGREES_EAST)

    class Meta:
        verbose_name = _("postal code area")
        verbose_name_plural = _("postal code areas")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["clinic", "code"], name="postal_area_once_a_code")]

    def __str__(self):
        return f"{self.code} {self.name}".strip()


class AssignmentChangeQuerySet(models.QuerySet):
    def standing(self):
        """Those that were not taken back."""
        return self.filter(undone_at=None)

    def of_lead(self, lead):
        """What became of one lead, the newest first, with all that its history shows."""
        people = ("from_member__user", "to_member__user", "stands_in_for__user", "by__user", "rule")
        return self.filter(lead=lead).select_related(*people).order_by("-changed_at", "-pk")

    def by_act(self, act):
        """Those that an act on many leads has made: their ids are the traces of its rows."""
        traces = act.leads.exclude(trace="").values_list("trace", flat=True)
        return self.filter(pk__in=[UUID(trace) for trace in traces])

    def count_by_receiver(self):
        """How many went to each member: {member_id: count}."""
        return dict(self.order_by().exclude(to_member=None).values_list("to_member_id").annotate(models.Count("pk")))

    def new_since(self, moment):
        """How many new leads each member has got since a moment: {member_id: count}."""
        first = self.standing().filter(changed_at__gte=moment, from_member=None)
        rows = first.order_by().values("to_member_id").annotate(count=models.Count("pk"))
        return {row["to_member_id"]: row["count"] for row in rows}


class AssignmentChange(ClinicModel):
    """A lead went to somebody: from whom, to whom, and why. That of a reassignment has the id of its activity."""

    class How(models.TextChoices):
        RULE = "RULE", _("by a rule")
        ENTERED = "ENTERED", _("entered it themselves")
        NAMED = "NAMED", _("was named when it came in")
        FEWEST = "FEWEST", _("no rule fits: had the fewest open leads")
        HAND = "HAND", _("given by hand")
        HANDOVER = "HANDOVER", _("handed over")
        TASKS = "TASKS", _("only their tasks were handed over")
        MISSED = "MISSED", _("nobody had called in time")
        MENDED = "MENDED", _("had no coordinator")

    lead = ClinicForeignKey("crm.Lead", on_delete=models.CASCADE, related_name="assignment_changes")
    from_member = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    to_member = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    how = models.CharField(_("why"), max_length=8, choices=How)
    rule = ClinicForeignKey(AssignmentRule, on_delete=models.SET_NULL, null=True, related_name="+")
    rule_name = models.CharField(max_length=80, blank=True, default="")  # as it was called then
    stands_in_for = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    task_ids = models.JSONField(default=list, blank=True)  # the open tasks that went with the lead
    by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    objects = ScopedManager.of(AssignmentChangeQuerySet)

    class Meta:
        verbose_name = _("change of coordinator")
        verbose_name_plural = _("changes of coordinator")
        indexes = [
            clinic_index("lead", "-changed_at", name="assignment_of_a_lead"),
            clinic_index(
                "changed_at", "to_member", name="assignment_new_of_a_day", condition=models.Q(from_member=None)
            ),
        ]

    def __str__(self):
        return self.reason

    @property
    def reason(self):
        """Why, in plain words: "rule: Invisalign"; with whom the new one stands in for."""
        named = {"rule": self.rule_name}
        words = {
            self.How.RULE: _("rule: %(rule)s"),
            self.How.HANDOVER: _("handed over, rule: %(rule)s"),
            self.How.MISSED: _("nobody had called in time, rule: %(rule)s"),
            self.How.MENDED: _("had no coordinator, rule: %(rule)s"),
        }
        says_rule = self.rule_name and self.how in words
        text = str(words[self.how] % named if says_rule else self.How(self.how).label)
        if self.stands_in_for is not None:
            text = _("%(why)s, stands in for %(name)s") % {"why": text, "name": self.stands_in_for.display_name}
        return text
