"""The period view: what happened within the days of a period, to whichever leads; the cohort view follows its leads."""

from dataclasses import dataclass

from crm.figures.lines import read_lines
from crm.models import FigureKind, PipelineStage


@dataclass(frozen=True)
class Entered:
    """How many leads came into a stage within the period, skipped stages included, and as a share of the one before."""

    stage: PipelineStage
    entered: int
    lost_from: int
    share_of_previous: float | None


def read_flow(period, stages, new_leads):
    """[Entered] of each stage but the lost one. New leads enter the first stage."""
    path = [stage for stage in stages if stage.kind != PipelineStage.Kind.LOST]
    place = {stage.pk: index for index, stage in enumerate(path)}
    entered, lost_from = [0] * len(path), [0] * len(path)
    if path:
        entered[0] = new_leads
    for start, end, number in read_lines(period, FigureKind.MOVE, ("place", "other")):
        first, last, number = place.get(start, 0), place.get(end), int(number)
        if last is None:
            if path:
                lost_from[first] += number
            continue
        for index in range(first + 1, last + 1):
            entered[index] += number
    rows, previous = [], None
    for stage, number, lost in zip(path, entered, lost_from, strict=True):
        rows.append(Entered(stage, number, lost, number / previous if previous else None))
        previous = number
    return rows
