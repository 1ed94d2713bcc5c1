"""The time machine: the board as it stood at the end of any past day, rewound from what has happened since.

Where a lead stood and since when, what it was worth, whose it was, where it came from, what it wanted and which tags it
bore are those of that day (crm/rewinding.py); tasks, messages, answers and what a text finds are not told of the past.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from crm.board import PAGE, Total, column_with, total_of
from crm.board_order import NEWEST
from crm.cards import PastCardMaker, with_card_fields
from crm.models import Lead, PipelineStage
from crm.past_filters import asked_of_past
from crm.rewinding import read_past

CARDS = """
    , shown AS MATERIALIZED (SELECT p.id, p.stage, p.entered, p.cents FROM past1 p WHERE p.is_shown AND {condition})
    SELECT figures.*, card.id, card.entered, card.cents, given.lead IS NOT NULL, given.owner, came.source,
        ARRAY(SELECT jsonb_array_elements_text(wished.interest)), wished.lead IS NOT NULL
    FROM (SELECT stage, count(*), coalesce(sum(cents), 0)::bigint FROM shown GROUP BY stage) figures
    LEFT JOIN (
        SELECT *, row_number() OVER (PARTITION BY stage ORDER BY entered DESC, id DESC) AS place FROM shown
    ) card ON card.stage = figures.stage AND card.place BETWEEN %(first)s AND %(last)s
    LEFT JOIN given1 given ON given.lead = card.id LEFT JOIN came1 came ON came.lead = card.id
    LEFT JOIN wished1 wished ON wished.lead = card.id ORDER BY card.place
"""


@dataclass(frozen=True)
class PastBoard:
    """The columns of a day, as those of the board, and the total of the open ones.

    `began` is the day of the first lead of all, where that came later.
    """

    day: date
    columns: tuple
    total: Total
    began: date | None = None

    @property
    def before(self):
        return self.day - timedelta(days=1)

    @property
    def after(self):
        """The next day, or None where it has not ended yet."""
        return self.day + timedelta(days=1) if self.day + timedelta(days=1) < timezone.localdate() else None


def end_of(day):
    """The moment at which a day is over in the clinic's time zone."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def board_on(day, clinic, lead_filter):
    """The filtered board as it stood when `day` was over, with exact figures and the first cards of each column."""
    stages = list(PipelineStage.objects.in_order())
    columns = _columns(day, clinic, lead_filter, stages, stages, page=1)
    is_empty = not any(column.count for column in columns)
    return PastBoard(day, columns, total_of(columns), _began_after(day) if is_empty else None)


def _began_after(day):
    first = Lead.objects.present().order_by("captured_at").values_list("captured_at", flat=True).first()
    began = timezone.localdate(first) if first else None
    return began if began and began > day else None


def column_on(day, stage, clinic, lead_filter, *, page):
    """A page of one column of that day, counted from 1."""
    stages = list(PipelineStage.objects.in_order())
    (column,) = _columns(day, clinic, lead_filter, stages, [stage], page=page)
    return column


def _columns(day, clinic, lead_filter, stages, wanted, *, page):
    asked = asked_of_past(lead_filter, Lead.objects.filter(captured_at__lt=end_of(day)))
    condition = f"{asked.condition} AND p.stage = ANY(%(columns)s::uuid[])"
    span = {"first": (page - 1) * PAGE + 1, "last": page * PAGE + 1, "columns": [stage.pk for stage in wanted]}
    rows = read_past(asked.leads, [end_of(day)], CARDS.format(condition=condition), asked.facts | span)
    figures = {stage: {"count": count, "cents": cents} for stage, count, cents, *_card in rows}
    shown = [(stage, *card) for stage, _count, _cents, *card in rows if card[0]]
    cards = _cards(shown, day, clinic, lead_filter, {stage.pk: stage for stage in wanted})
    return tuple(_column(stage, stages, figures, cards.get(stage.pk, []), page=page) for stage in wanted)


def _cards(rows, day, clinic, lead_filter, stages):
    """The cards of each stage: {stage id: cards}."""
    make = PastCardMaker(clinic, lead_filter.names, NEWEST, end_of(day))
    leads = with_card_fields(Lead.objects.filter(pk__in=[pk for _stage, pk, *_was in rows])).in_bulk()
    cards = {}
    for stage, pk, entered, cents, was_given, owner, source, interest, has_wished in rows:
        lead = leads[pk]
        lead.stage_entered_at, lead.expected_value_cents = entered, cents
        lead.assigned_to_id = owner if was_given else lead.assigned_to_id
        lead.source_id = source or lead.source_id
        lead.treatment_interest = interest if has_wished else lead.treatment_interest
        cards.setdefault(stage, []).append(make.card(lead, stages[stage]))
    return cards


def _column(stage, stages, figures, cards, *, page):
    more = str(page + 1) if len(cards) > PAGE else ""
    return column_with(stage, stages, figures.get(stage.pk, {}), cards=tuple(cards[:PAGE]), after=more)
