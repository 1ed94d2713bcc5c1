"""What the reports know of leads, so that none has to read them: facts of each lead, and lines that add up."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicModel
from clinics.models.base import clinic_index


class FigureKind(models.TextChoices):
    """What a FigureLine counts. Of what comes in many lengths there are lines of the whole clinic, lines that know the
    location, and lines `BY_SOURCE` that know both: few are read, whatever is asked.

    Nobody chooses one, so they are in no language.
    """

    WAIT = "WAIT", "WAIT"  # how long until the first contact
    WAIT_BY_LOCATION = "WAIT_BY_LOCATION", "WAIT_BY_LOCATION"
    WAIT_BY_SOURCE = "WAIT_BY_SOURCE", "WAIT_BY_SOURCE"
    TAKE = "TAKE", "TAKE"  # how long until the start of treatment
    TAKE_BY_LOCATION = "TAKE_BY_LOCATION", "TAKE_BY_LOCATION"
    TAKE_BY_SOURCE = "TAKE_BY_SOURCE", "TAKE_BY_SOURCE"
    WEEK = "WEEK", "WEEK"  # in which week after first asking the treatment started
    STAY = "STAY", "STAY"  # how long in the stage that was left
    STAY_BY_LOCATION = "STAY_BY_LOCATION", "STAY_BY_LOCATION"
    STAY_BY_SOURCE = "STAY_BY_SOURCE", "STAY_BY_SOURCE"
    MOVE = "MOVE", "MOVE"  # from which stage to which
    PAID = "PAID", "PAID"  # what the patients whom leads became have paid
    SHOW = "SHOW", "SHOW"  # what became of consultations
    MIX = "MIX", "MIX"  # leads of a coordinator by source and interest, and how many of them started
    MIX_BY_LOCATION = "MIX_BY_LOCATION", "MIX_BY_LOCATION"
    TOTAL = "TOTAL", "TOTAL"  # leads by status
    PEOPLE = "PEOPLE", "PEOPLE"  # the same of each coordinator
    WAY = "WAY", "WAY"  # where leads stand, or from where they were lost
    LOST = "LOST", "LOST"  # from where leads were lost, and why
    LOST_OF = "LOST_OF", "LOST_OF"  # why a coordinator lost leads
    AD = "AD", "AD"  # leads by the ad campaign on their cards
    CARD = "CARD", "CARD"  # leads touched more than once, by source and campaign on their cards
    CREDIT = "CREDIT", "CREDIT"  # the same leads, shared by each model among source and campaign of their touches


class FigureFacts(ClinicModel):
    """What the figures know of one present lead, as it has been added to the lines; its id is that of the lead.

    Ids alone, no foreign keys. The facts of a lead are made anew from its rows (crm.figures.keeping).
    """

    asked_on = models.DateField()  # in the clinic's zone, as all days here
    source = models.UUIDField()
    location = models.UUIDField(null=True)
    assigned_to = models.UUIDField(null=True)
    ad_campaign = models.UUIDField(null=True)
    interest = models.UUIDField(null=True)  # made of all treatments that were asked about; the same for the same ones
    is_converted = models.BooleanField()
    status = models.CharField(max_length=10, default="")
    stage = models.UUIDField(null=True)
    lost_reason = models.CharField(max_length=20, blank=True, default="")
    lost_from = models.UUIDField(null=True)
    worth = models.BigIntegerField(default=0)  # cents that are expected
    waited = models.FloatField(null=True)  # seconds to the first contact
    took = models.FloatField(null=True)  # seconds to the start of treatment
    cents = models.BigIntegerField()
    shown_on = models.DateField(null=True)  # the day of the consultation
    show = models.CharField(max_length=16, blank=True)  # and what became of it
    # Each touch before the start of treatment, the oldest first, of leads that were touched more than once.
    touch_source = ArrayField(models.UUIDField(null=True), null=True)
    touch_campaign = ArrayField(models.UUIDField(null=True), null=True)
    touch_age = ArrayField(models.IntegerField(), null=True)  # days before the last touch

    class Meta:
        verbose_name = _("facts of a lead")
        verbose_name_plural = _("facts of leads")
        indexes = [
            clinic_index("asked_on", name="figure_facts_by_day"),
            clinic_index("shown_on", name="figure_facts_by_show", condition=models.Q(shown_on__isnull=False)),
        ]


class FigureMove(ClinicModel):
    """One standing move of a present lead, as it has been added to the lines; its id is that of the StageChange."""

    lead = models.UUIDField()
    moved_on = models.DateField()
    source = models.UUIDField()
    location = models.UUIDField(null=True)
    moved_from = models.UUIDField(null=True)
    moved_to = models.UUIDField()
    stayed = models.FloatField(null=True)  # seconds in the stage that was left

    class Meta:
        verbose_name = _("facts of a move")
        verbose_name_plural = _("facts of moves")
        indexes = [
            clinic_index("moved_on", name="figure_move_by_day"),
            clinic_index("lead", name="figure_move_of_lead"),
        ]


class FigureLine(ClinicModel):
    """How many of one kind there are in one month, and what they add up to; a line each for all that share the rest.

    Beside the line of the whole month (stretch 0) there are lines of its six stretches of days (crm.figures.parts).

    Its id is made of what it counts, so that a lead finds the line to be added to. `span` is a class of lengths of time
    (crm.figures.spans), or the week; `seconds` and `squares` are what those counted, and their squares, come to. Of
    lines of statuses `leads` are those that were contacted, `seconds` the time that the converted ones took.
    """

    kind = models.CharField(max_length=16, choices=FigureKind)
    month = models.DateField()
    stretch = models.SmallIntegerField(default=0)
    source = models.UUIDField(null=True)
    location = models.UUIDField(null=True)
    assigned_to = models.UUIDField(null=True)
    place = models.UUIDField(null=True)  # a stage (that was left), a source, a campaign, or an interest
    other = models.UUIDField(null=True)  # the stage that was come to or lost from, or the campaign beside a source
    # What became of a consultation, a model of credit, a status, or why a lead was lost.
    word = models.CharField(max_length=20, blank=True)
    span = models.IntegerField(null=True)
    number = models.BigIntegerField()
    seconds = models.FloatField()
    squares = models.FloatField()
    leads = models.FloatField()
    converted = models.FloatField()
    cents = models.FloatField()

    class Meta:
        verbose_name = _("line of figures")
        verbose_name_plural = _("lines of figures")
        indexes = [
            clinic_index("kind", "month", "stretch", name="figure_line_of_days"),
            clinic_index(
                "kind",
                "source",
                "month",
                "stretch",
                name="figure_line_of_source",
                condition=models.Q(source__isnull=False),
            ),
        ]


class StaleLead(ClinicModel):
    """A lead of which something was written since its facts were made; triggers of the database say so."""

    lead = models.UUIDField()

    class Meta:
        verbose_name = _("lead with new facts")
        verbose_name_plural = _("leads with new facts")
        indexes = [clinic_index("lead", name="stale_lead")]
