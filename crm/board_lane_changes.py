"""The small parts by which the open lanes follow what happens: after a move, and after the moves of others."""

from dataclasses import dataclass
from uuid import UUID

from crm.board import Column, cards_of, column_with, total_of
from crm.board_changes import TOO_MANY, changed_since
from crm.board_lanes import NOBODY, of_owners
from crm.board_order import NEWEST
from crm.cards import Card
from crm.models import Lead, PipelineStage


@dataclass(frozen=True)
class LanePatch:
    """Figures of a lane to write anew, cards to put into its cells, and leads that stand in it no longer."""

    owner: str
    columns: tuple[Column, ...]
    cards: list[Card]
    gone: list[UUID]

    @property
    def total(self):
        return total_of(self.columns)


@dataclass(frozen=True)
class LanesPatch:
    """What the lanes on a page show differently; `has_new`: a lane is missing there, or too much has changed."""

    lanes: list[LanePatch]
    has_new: bool = False


def lanes_patch_of(lead, clinic, lead_filter, *, order=NEWEST):
    """What one move changed in the lane of its lead."""
    return _patch([lead.pk], [str(lead.assigned_to_id or NOBODY)], clinic, lead_filter, order)


def lanes_changed_since(moment, shown, clinic, lead_filter, *, order=NEWEST):
    """What the lanes `shown` (their owners) show differently than at `moment`, by the record of what happened."""
    changed, is_too_much = changed_since(moment)
    if is_too_much:
        return LanesPatch([], has_new=True)
    return _patch(changed, [owner for owner in shown if _is_owner(owner)], clinic, lead_filter, order)


def _is_owner(text):
    try:
        return text == NOBODY or str(UUID(text)) == text
    except ValueError:
        return False


def _patch(changed, shown, clinic, lead_filter, order):
    if not changed:
        return LanesPatch([])
    stages = list(PipelineStage.objects.in_order())
    cards = cards_of(changed[:TOO_MANY], clinic, lead_filter, stages, order=order)
    owners = dict(Lead.objects.filter(pk__in=changed).values_list("pk", "assigned_to_id"))
    lane_of = {card.pk: str(owners[card.pk] or NOBODY) for card in cards}
    members = [None if owner == NOBODY else UUID(owner) for owner in shown]
    figures = of_owners(lead_filter.figures_of_board(), members).totals_by_owner()
    lanes = [
        LanePatch(
            owner=owner,
            columns=tuple(column_with(stage, stages, figures.get(member, {}).get(stage.pk, {})) for stage in stages),
            cards=[card for card in cards if lane_of[card.pk] == owner],
            gone=[pk for pk in changed if lane_of.get(pk) != owner],
        )
        for owner, member in zip(shown, members, strict=True)
    ]
    return LanesPatch(lanes, has_new=not set(lane_of.values()) <= set(shown))
