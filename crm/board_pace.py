"""How fast each stage lets its leads go, and which stage holds them up.

- `typical`: half of the leads that left the stage within the last 90 days had stayed this long or less. A stay lasts
  from the move into the stage (or the first inquiry) to the move out of it; moves that were undone do not count.
- `stuck`: the leads of the filtered set that are in the stage for longer than the days it allows.
- The bottleneck is the open stage with the largest share of stuck leads, if it holds at least five leads and at least a
  third of them are stuck.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Aggregate, Count, DateTimeField, DurationField, ExpressionWrapper, F
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone

from crm.models import Lead, PipelineStage, StageChange

LOOK_BACK = timedelta(days=90)
FEWEST = 5
SHARE = 1 / 3


class Median(Aggregate):
    """The value in the middle; of an even number of values the mean of the two."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True)
class Pace:
    """The pace of one open stage. `typical` is None where nobody has left it lately."""

    stage: PipelineStage
    count: int
    stuck: int
    typical: timedelta | None
    is_bottleneck: bool = False

    @property
    def share(self):
        return self.stuck / self.count if self.count else 0


def paces_of(lead_filter):
    """The pace of each open stage, in order; three statements."""
    stages = [stage for stage in PipelineStage.objects.in_order() if stage.is_open]
    allowed = {stage.pk: stage.max_days_in_stage for stage in stages if stage.max_days_in_stage}
    leads = lead_filter.narrow(Lead.objects.on_board()).in_stages(stages)
    counts, stuck = _count(leads), _count(leads.stuck(allowed))
    typical = typical_stays()
    worst = max(stages, key=lambda stage: _held_up(stage, counts, stuck), default=None)
    return [
        Pace(
            stage,
            count=counts.get(stage.pk, 0),
            stuck=stuck.get(stage.pk, 0),
            typical=typical.get(stage.pk),
            is_bottleneck=stage == worst and _held_up(stage, counts, stuck) >= SHARE,
        )
        for stage in stages
    ]


def typical_stays():
    """How long leads stayed in each stage that they left within the last 90 days: {stage_id: timedelta}."""
    entered = Cast(KeyTextTransform("stage_entered_at", "before"), DateTimeField())
    stay = ExpressionWrapper(F("changed_at") - entered, output_field=DurationField())
    moves = StageChange.objects.standing().filter(changed_at__gte=timezone.now() - LOOK_BACK)
    return dict(moves.order_by().values_list("from_stage_id").annotate(typical=Median(stay)).exclude(typical=None))


def _count(leads):
    return dict(leads.order_by().values_list("stage_id").annotate(count=Count("pk")))


def _held_up(stage, counts, stuck):
    """The share of stuck leads, or nothing where there are too few to say."""
    count = counts.get(stage.pk, 0)
    return stuck.get(stage.pk, 0) / count if count >= FEWEST else 0
