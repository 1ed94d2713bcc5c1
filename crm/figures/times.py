"""How long things take, as distributions: half of them, the middle half, eight in ten; an average hides the waiting.

Of more than MANY leads every sixteenth move is read, chosen by a digit of chance in its id: the middle of many
thousands is not moved by that.
"""

from dataclasses import dataclass

from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, Count, DateTimeField, F, FloatField, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Extract, Floor, Right

from crm.models import LeadStatus, PipelineStage, StageChange

MANY = 50_000
POINTS = (0.1, 0.25, 0.5, 0.75, 0.9)
WEEKS = 26
DAY_SECONDS = 86400


class Quantiles(Aggregate):
    """The five points of a distribution, in one pass."""

    function = "PERCENTILE_CONT"
    template = f"%(function)s(ARRAY{list(POINTS)}::float[]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(FloatField())


@dataclass(frozen=True)
class Spread:
    """Days: a tenth, a quarter, half, three quarters and nine tenths took at most so long. `number` were read."""

    number: int
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float


def read_time_to_convert(period):
    """(Spread or None, {week: how many converted in it after first asking}); the weeks from WEEKS on are one."""
    took = Extract(F("converted_at") - F("captured_at"), "epoch") / float(DAY_SECONDS)
    won = period.leads.filter(status=LeadStatus.CONVERTED).order_by().annotate(took=Cast(took, FloatField()))
    found = won.aggregate(number=Count("pk"), points=Quantiles("took"))
    weeks = won.annotate(week=Floor(F("took") / 7.0)).values_list("week").annotate(number=Count("pk"))
    by_week = {}
    for week, number in weeks:
        by_week[min(int(week), WEEKS)] = by_week.get(min(int(week), WEEKS), 0) + number
    return (_spread(found["number"], found["points"]), by_week)


def read_response(period):
    """The Spread, in minutes, of the time from first asking to the first contact, day and night."""
    waited = Cast(Extract(F("first_contacted_at") - F("captured_at"), "epoch") / 60.0, FloatField())
    leads = period.leads.filter(first_contacted_at__isnull=False).order_by().annotate(waited=waited)
    found = leads.aggregate(number=Count("pk"), points=Quantiles("waited"))
    return _spread(found["number"], found["points"])


@dataclass(frozen=True)
class Stay:
    """How long leads stayed in a stage that they left within the period; None where nobody left it."""

    stage: PipelineStage
    spread: Spread | None

    @property
    def is_over(self):
        """Whether half of them stayed longer than the stage allows."""
        return bool(self.spread and self.stage.max_days_in_stage and self.spread.p50 > self.stage.max_days_in_stage)


def read_stays(period, stages, *, is_large):
    """The Stay of each open stage, in order; one statement. Moves that were undone do not count."""
    entered = Cast(KeyTextTransform("stage_entered_at", "before"), DateTimeField())
    stay = Cast(Extract(F("changed_at") - entered, "epoch") / float(DAY_SECONDS), FloatField())
    moves = StageChange.objects.standing().filter(changed_at__gte=period.start, changed_at__lt=period.end)
    if period.sources:
        moves = moves.filter(lead__source__in=period.sources)
    if period.locations:
        moves = moves.filter(lead__location__in=period.locations)
    if is_large:
        moves = moves.annotate(chance=Right(Cast("pk", TextField()), 1)).filter(chance="0")
    rows = (
        moves.filter(before__has_key="stage_entered_at", lead__deleted_at=None).order_by().values_list("from_stage_id")
    )
    found = {
        pk: _spread(number, points) for pk, number, points in rows.annotate(number=Count("pk"), points=Quantiles(stay))
    }
    return [Stay(stage, found.get(stage.pk)) for stage in stages if stage.is_open]


def _spread(number, points):
    return Spread(number, *points) if points else None
