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

# One card of each column at least, so that its figures are known.
CARDS = """
    SELECT stage, number, worth, place, id, entered, cents, owner, source,
        ARRAY(SELECT jsonb_array_elements_text(interest))
    FROM (
        SELECT p.*, row_number() OVER (PARTITION BY p.stage ORDER BY p.entered DESC, p.id DESC) AS place,
            count(*) OVER (PARTITION BY p.stage) AS number, sum(p.cents) OVER (PARTITION BY p.stage)::bigint AS worth
        FROM past1 p WHERE p.is_shown AND {condition}
    ) ranked WHERE place = 1 OR place BETWEEN %(first)s AND %(last)s ORDER BY place
"""


@dataclass(frozen=True)
class PastBoard:
    """The columns of a day, as those of the board, and the total of the open ones."""

    day: date
    columns: tuple
    total: Total

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
    return PastBoard(day, columns, total_of(columns))


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
    figures = {stage: {"count": number, "cents": worth or 0} for stage, number, worth, *_card in rows}
    shown = [(stage, *card) for stage, _number, _worth, place, *card in rows if place >= span["first"]]
    cards = _cards(shown, day, clinic, lead_filter, {stage.pk: stage for stage in wanted})
    return tuple(_column(stage, stages, figures, cards.get(stage.pk, []), page=page) for stage in wanted)


def _cards(rows, day, clinic, lead_filter, stages):
    """The cards of each stage: {stage id: cards}."""
    make = PastCardMaker(clinic, lead_filter.names, NEWEST, end_of(day))
    leads = with_card_fields(Lead.objects.filter(pk__in=[pk for _stage, pk, *_was in rows])).in_bulk()
    cards = {}
    for stage, pk, entered, cents, owner, source, interest in rows:
        lead = leads[pk]
        lead.stage_entered_at, lead.expected_value_cents = entered, cents
        lead.assigned_to_id, lead.source_id, lead.treatment_interest = owner, source, interest
        cards.setdefault(stage, []).append(make.card(lead, stages[stage]))
    return cards


def _column(stage, stages, figures, cards, *, page):
    more = str(page + 1) if len(cards) > PAGE else ""
    return column_with(stage, stages, figures.get(stage.pk, {}), cards=tuple(cards[:PAGE]), after=more)
