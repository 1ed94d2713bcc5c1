"""The board in lanes: a row for each coordinator, its cells the stages, exact figures for every lane and cell."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from clinics.models import ClinicUser
from crm.board import Column, column_with, total_of
from crm.cards import CardMaker, with_card_fields
from crm.models import Lead, PipelineStage

PER_CELL = 5
# So many lanes come with their cards; those further down bring them when they come into sight.
AT_ONCE = 4
NOBODY = "nobody"


@dataclass(frozen=True)
class Lane:
    """The leads of one coordinator, or of nobody yet; without cards until `is_drawn`."""

    owner: str  # id of the member, or "nobody"
    name: str
    columns: tuple[Column, ...]
    is_drawn: bool

    @property
    def total(self):
        """What is on the way in this lane."""
        return total_of(self.columns)


def lanes_of(member, lead_filter, *, order, is_folded, only=None):
    """The lanes that hold any lead, by name, nobody's last; with `only` (a lane's `owner`) that one, drawn.

    Raises ValueError or ClinicUser.DoesNotExist for an `only` that nobody's lane can be called by.
    """
    stages = list(PipelineStage.objects.in_order())
    leads = lead_filter.narrow(Lead.objects.on_board())
    counted = lead_filter.figures_of_board()
    figures = (counted if only is None else counted.filter(assigned_to=_member_id(only))).totals_by_owner()
    names = lead_filter.names
    owners = sorted(figures, key=lambda owner: (owner is None, names.get(str(owner), "").casefold(), str(owner)))
    drawn = owners[:AT_ONCE]
    cells = _cells(leads, drawn, [stage for stage in stages if not is_folded(stage)], order)
    make = CardMaker(member.clinic, names, order)
    return [
        Lane(
            owner=str(owner or NOBODY),
            name=names.get(str(owner), ""),
            columns=tuple(
                _cell(stage, stages, figures[owner].get(stage.pk, {}), cells.get((owner, stage.pk), []), make)
                for stage in stages
            ),
            is_drawn=owner in drawn,
        )
        for owner in owners
    ]


def _member_id(owner):
    return None if owner == NOBODY else ClinicUser.objects.values_list("pk", flat=True).get(pk=UUID(owner))


def _cells(leads, owners, stages, order):
    """The first leads of each cell, and one more where there are further ones: {(owner, stage_id): leads}."""
    by_key = order.key.desc() if order.descending else order.key.asc()
    by_id = F("pk").desc() if order.descending else F("pk").asc()
    place = Window(RowNumber(), partition_by=["assigned_to_id", "stage_id"], order_by=[by_key, by_id])
    shown = of_owners(leads, owners).in_stages(stages).annotate(place=place).filter(place__lte=PER_CELL + 1)
    ids = list(shown.order_by().values_list("pk", flat=True))
    cells = {}
    for lead in order.top_first(with_card_fields(Lead.objects.filter(pk__in=ids))):
        cells.setdefault((lead.assigned_to_id, lead.stage_id), []).append(lead)
    return cells


def of_owners(leads, owners):
    """Those of some leads that these members take care of; None among `owners` are those of nobody."""
    named = leads.filter(assigned_to__in=[owner for owner in owners if owner])
    return named | leads.filter(assigned_to=None) if None in owners else named


def _cell(stage, stages, figures, rows, make):
    after = make.order.place_of(rows[PER_CELL - 1]) if len(rows) > PER_CELL else ""
    cards = tuple(make.card(lead, stage) for lead in rows[:PER_CELL])
    return column_with(stage, stages, figures, cards=cards, after=after)
