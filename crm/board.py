"""The pipeline board as questions: its columns with exact totals, and their cards page by page.

Cards come from one UNION ALL of limited queries, one a column, each along the index of its stage: the cost is that of
the cards shown, whatever the number of leads.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from crm.cards import Card, card_of, with_card_fields
from crm.models import Lead, PipelineStage

PAGE = 15
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
    """The columns in order, the total of the open ones, and how many open leads everyone and oneself have."""

    columns: tuple[Column, ...]
    total: Total
    everyones: int
    mine: int

    @property
    def is_empty(self):
        return not any(column.count for column in self.columns)


def board_of(member, lead_filter, *, is_folded=lambda stage: False):
    """The whole board as one member sees it through their filter; a column that `is_folded` brings no cards."""
    stages = list(PipelineStage.objects.in_order())
    leads = lead_filter.narrow(Lead.objects.on_board())
    unfolded = [stage for stage in stages if not is_folded(stage)]
    cards = _cards(leads, unfolded, lead_filter.names, clinic=member.clinic)
    columns = []
    everyones = lead_filter.narrow(Lead.objects.on_board(), but=["coordinator"])
    totals = everyones.totals_by_stage(shown=lead_filter.owner_condition, mine=member)
    for stage in stages:
        shown, after = _cut(cards.get(stage.pk, []))
        figures = totals.get(stage.pk, {})
        columns.append(_column(stage, stages, figures, cards=shown, after=after, is_folded=is_folded(stage)))
    on_the_way = [totals[stage.pk] for stage in stages if stage.is_open and stage.pk in totals]
    return Board(
        tuple(columns),
        total_of(columns),
        everyones=sum(figures["everyones"] for figures in on_the_way),
        mine=sum(figures["mine"] for figures in on_the_way),
    )


def total_of(columns):
    """The sum of the open ones among some columns."""
    on_the_way = [column for column in columns if column.stage.is_open]
    return Total(sum(column.count for column in on_the_way), sum(column.cents for column in on_the_way))


def column_of(stage, clinic, lead_filter, *, after="", folded=False):
    """One column, or with `after` (a place from an earlier page) the next page of it."""
    stages = list(PipelineStage.objects.in_order())
    leads = lead_filter.narrow(Lead.objects.on_board())
    figures = leads.in_stage(stage).totals_by_stage().get(stage.pk, {})
    rows = leads.entered_before(*read_place(after)) if after else leads
    cards = [] if folded else _cards(rows, [stage], lead_filter.names, clinic=clinic).get(stage.pk, [])
    shown, place = _cut(cards)
    return _column(stage, stages, figures, cards=shown, after=place, is_folded=folded)


def heads_of(lead_filter, stages):
    """The figures of some columns of the filtered board, without cards."""
    totals = lead_filter.narrow(Lead.objects.on_board()).in_stages(stages).totals_by_stage()
    return [_column(stage, stages, totals.get(stage.pk, {})) for stage in stages]


def cards_of(lead_ids, clinic, lead_filter, stages):
    """The cards of some leads as they stand now, those that the filtered board shows."""
    by_id = {stage.pk: stage for stage in stages}
    leads = with_card_fields(lead_filter.narrow(Lead.objects.on_board()).filter(pk__in=lead_ids))
    now = timezone.now()
    return [card_of(lead, by_id[lead.stage_id], lead_filter.names, clinic=clinic, now=now) for lead in leads]


def place_of(lead):
    """The place of a lead in its column, exact to the microsecond, as it stands in an address."""
    return f"{(lead.stage_entered_at - EPOCH) // timedelta(microseconds=1)}-{lead.pk.hex}"


def read_place(text):
    """The moment and id of a place; raises ValueError for anything that is none."""
    moment, _dash, lead_id = text.partition("-")
    try:
        return EPOCH + timedelta(microseconds=int(moment)), UUID(lead_id)
    except OverflowError as error:
        raise ValueError(text) from error


def _cards(leads, stages, names, *, clinic):
    """The first cards of each stage and one more, which tells that there is a next page: {stage id: cards}."""
    if not stages:
        return {}
    parts = [with_card_fields(leads.in_stage(stage)).newest_in_stage_first()[: PAGE + 1] for stage in stages]
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    by_id, now, cards = {stage.pk: stage for stage in stages}, timezone.now(), {}
    for lead in rows:
        card = card_of(lead, by_id[lead.stage_id], names, clinic=clinic, now=now)
        cards.setdefault(lead.stage_id, []).append(card)
    for column in cards.values():
        column.sort(key=lambda card: (card.lead.stage_entered_at, card.lead.pk), reverse=True)
    return cards


def _cut(cards):
    after = place_of(cards[PAGE - 1].lead) if len(cards) > PAGE else ""
    return tuple(cards[:PAGE]), after


def _column(stage, stages, figures, **rest):
    return Column(
        stage=stage,
        index=stages.index(stage),
        steps=len(stages) - 1,
        count=figures.get("count", 0),
        cents=figures.get("cents", 0),
        **rest,
    )
