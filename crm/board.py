"""The pipeline board as questions: its columns with exact totals, and their cards page by page.

One statement finds the first leads of every column, each along the index of its stage; another reads those few. The
cost is that of the cards shown, whatever the number of leads. The totals are those that the database keeps, as long as
the filters ask for no more than it counts by (crm/models/tally.py).
"""

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from crm.board_order import NEWEST
from crm.cards import Card, CardMaker, with_card_fields
from crm.models import Lead, PipelineStage

PAGE = 15


@dataclass(frozen=True)
class Column:
    """A stage on the board: exact figures of its whole filtered set, and cards unless it is folded."""

    stage: PipelineStage
    index: int
    steps: int
    count: int
    cents: int
    cards: tuple[Card, ...] = ()
    after: str = ""  # the place where the next page begins, or nothing
    is_folded: bool = False

    @property
    def mark(self):
        """The kind of the stage as the stage mark calls it."""
        return self.stage.kind.lower()


@dataclass(frozen=True)
class Total:
    """What is on the way, over all open columns."""

    count: int
    cents: int


@dataclass(frozen=True)
class Board:
    """The columns in order, and the total of the open ones."""

    columns: tuple[Column, ...]
    total: Total

    @property
    def is_empty(self):
        return not any(column.count for column in self.columns)


def board_of(member, lead_filter, *, order=NEWEST, is_folded=lambda stage: False):
    """The whole board as one member sees it through their filter; a column that `is_folded` brings no cards."""
    stages = list(PipelineStage.objects.in_order())
    leads = lead_filter.narrow(Lead.objects.on_board())
    unfolded = [stage for stage in stages if not is_folded(stage)]
    pages = _pages(leads, unfolded, CardMaker(member.clinic, lead_filter.names, order))
    totals = lead_filter.figures_of_board().totals_by_stage()
    columns = []
    for stage in stages:
        cards, after = pages.get(stage.pk, ((), ""))
        figures = totals.get(stage.pk, {})
        columns.append(column_with(stage, stages, figures, cards=cards, after=after, is_folded=is_folded(stage)))
    return Board(tuple(columns), total_of(columns))


def total_of(columns):
    """The sum of the open ones among some columns."""
    on_the_way = [column for column in columns if column.stage.is_open]
    return Total(sum(column.count for column in on_the_way), sum(column.cents for column in on_the_way))


def column_of(stage, clinic, lead_filter, *, order=NEWEST, after="", folded=False):
    """One column, or with `after` (a place from an earlier page) the next page of it.

    Raises ValueError for an `after` that is no place.
    """
    stages = list(PipelineStage.objects.in_order())
    leads = lead_filter.narrow(Lead.objects.on_board()).in_stage(stage)
    figures = lead_filter.figures_of_board().in_stage(stage).totals_by_stage().get(stage.pk, {})
    rows = order.below(leads, after) if after else leads
    pages = {} if folded else _pages(rows, [stage], CardMaker(clinic, lead_filter.names, order))
    cards, place = pages.get(stage.pk, ((), ""))
    return column_with(stage, stages, figures, cards=cards, after=place, is_folded=folded)


def heads_of(lead_filter, stages):
    """The figures of some columns of the filtered board, without cards."""
    totals = lead_filter.figures_of_board().in_stages(stages).totals_by_stage()
    return [column_with(stage, stages, totals.get(stage.pk, {})) for stage in stages]


def cards_of(lead_ids, clinic, lead_filter, stages, *, order=NEWEST):
    """The cards of some leads as they stand now, those that the filtered board shows."""
    by_id = {stage.pk: stage for stage in stages}
    leads = with_card_fields(lead_filter.narrow(Lead.objects.on_board()).filter(pk__in=lead_ids))
    make = CardMaker(clinic, lead_filter.names, order)
    return [make.card(lead, by_id[lead.stage_id]) for lead in leads]


def _pages(leads, stages, make):
    """The first cards of each stage, and the place where the next page begins: {stage id: (cards, place)}."""
    if not stages:
        return {}
    first = make.order.top_first(leads.filter(stage=OuterRef("pk"))).values("pk")[: PAGE + 1]
    columns = PipelineStage.objects.filter(pk__in=[stage.pk for stage in stages])
    ids = dict(columns.order_by().values_list("pk", ArraySubquery(first)))
    wanted = [pk for column in ids.values() for pk in column]
    rows = {lead.pk: lead for lead in with_card_fields(Lead.objects.filter(pk__in=wanted))} if wanted else {}
    return {stage.pk: _page([rows[pk] for pk in ids[stage.pk] if pk in rows], stage, make) for stage in stages}


def _page(rows, stage, make):
    """The cards of a page; one row more than fits tells that there is another page."""
    after = make.order.place_of(rows[PAGE - 1]) if len(rows) > PAGE else ""
    return tuple(make.card(lead, stage) for lead in rows[:PAGE]), after


def column_with(stage, stages, figures, **rest):
    return Column(
        stage=stage,
        index=stages.index(stage),
        steps=len(stages) - 1,
        count=figures.get("count", 0),
        cents=figures.get("cents", 0),
        **rest,
    )
