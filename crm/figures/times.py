"""How long things take, as distributions: half of them, the middle half, eight in ten; an average hides the waiting."""

from collections import defaultdict
from dataclasses import dataclass

from crm.figures.lines import read_lines
from crm.figures.spans import Spans
from crm.models import FigureKind, PipelineStage

POINTS = (0.1, 0.25, 0.5, 0.75, 0.9)
WEEKS = 26
MINUTE, DAY = 60, 86400
LENGTHS = ("number", "seconds", "squares")


@dataclass(frozen=True)
class Spread:
    """Days or minutes: a tenth, a quarter, half, three quarters and nine tenths took at most so long, of `number`."""

    number: int
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float


def read_time_to_convert(period):
    """(Spread of days or None, {week: how many converted in it after first asking}); weeks from WEEKS on are one."""
    weeks = defaultdict(int)
    for week, number in read_lines(period, FigureKind.WEEK, ("span",)):
        weeks[min(week, WEEKS)] += int(number)
    return _spread(_spans(read_lines(period, FigureKind.TAKE, ("span",), LENGTHS)), DAY), dict(weeks)


def read_waits(period):
    """{coordinator or None: Spans} from first asking to the first contact, of the leads that were contacted."""
    found = defaultdict(Spans)
    for member, *span in read_lines(period, FigureKind.WAIT, ("assigned_to", "span"), LENGTHS):
        found[member].add(*span)
    return dict(found)


def median_minutes(waits):
    """{coordinator or None: minutes} of what read_waits found."""
    return {member: spans.quantiles((0.5,))[0] / MINUTE for member, spans in waits.items()}


def response_of(waits):
    """The Spread, in minutes, of the time from first asking to the first contact, day and night."""
    together = Spans()
    for spans in waits.values():
        together.add_all(spans)
    return _spread(together, MINUTE)


@dataclass(frozen=True)
class Stay:
    """How long leads stayed in a stage that they left within the period; None where nobody left it."""

    stage: PipelineStage
    spread: Spread | None

    @property
    def is_over(self):
        """Whether half of them stayed longer than the stage allows."""
        return bool(self.spread and self.stage.max_days_in_stage and self.spread.p50 > self.stage.max_days_in_stage)


def read_stays(period, stages):
    """The Stay of each open stage, in order. Moves that were undone do not count."""
    found = defaultdict(Spans)
    for stage, *span in read_lines(period, FigureKind.STAY, ("place", "span"), LENGTHS):
        found[stage].add(*span)
    return [Stay(stage, _spread(found[stage.pk], DAY)) for stage in stages if stage.is_open]


def _spans(rows):
    spans = Spans()
    for row in rows:
        spans.add(*row)
    return spans


def _spread(spans, unit):
    points = spans.quantiles(POINTS)
    return Spread(spans.number, *(seconds / unit for seconds in points)) if points else None
