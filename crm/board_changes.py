"""The small parts by which an open board follows what happens: after a move, and after the moves of others."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from clinics.models import AuditLog
from crm.board import Column, Total, cards_of, heads_of, total_of
from crm.board_order import NEWEST
from crm.cards import Card
from crm.models import Lead, LeadImport, PipelineStage

# More changes than this are not drawn one by one: the board offers to be read again.
TOO_MANY = 40
# A change is written down a moment before it is committed; looking back this far finds it all the same.
GRACE = timedelta(seconds=5)
# Changes of more than single leads; what happens around an import touches none.
WIDE = (LeadImport, PipelineStage)
HARMLESS = [
    "crm.import.uploaded",
    "crm.import.mapped",
    "crm.import.read_again",
    "crm.import.row_corrected",
    "crm.import.check_started",
    "crm.import.started",
    "crm.import.deleted",
    "crm.import.undo_started",
]


@dataclass(frozen=True)
class Patch:
    """Column heads to write anew, cards to put in their place, and the leads that the board shows no longer."""

    columns: list[Column]
    cards: list[Card]
    gone: list[UUID]
    total: Total | None = None  # None: it is what it was
    is_too_much: bool = False


def patch_of(lead_id, clinic, lead_filter, touched, *, order=NEWEST):
    """What one move changed on the filtered board: the card as it stands now, and the heads of the stages touched."""
    stages = list(PipelineStage.objects.in_order())
    cards = cards_of([lead_id], clinic, lead_filter, stages, order=order)
    touched = {stage.pk for stage in [*touched, *(card.stage for card in cards)]}
    leaves_the_way = not all(stage.is_open for stage in stages if stage.pk in touched)
    columns = heads_of(lead_filter, [stage for stage in stages if leaves_the_way or stage.pk in touched])
    return Patch(
        [column for column in columns if column.stage.pk in touched],
        cards,
        [] if cards else [lead_id],
        total_of(columns) if leaves_the_way else None,
    )


def changes_since(moment, clinic, lead_filter, *, order=NEWEST):
    """What the filtered board shows differently than at `moment`, read from the record of what happened."""
    stages = list(PipelineStage.objects.in_order())
    columns = heads_of(lead_filter, stages)
    changed, is_too_much = changed_since(moment)
    cards = cards_of(changed, clinic, lead_filter, stages, order=order) if changed else []
    shown = {card.pk for card in cards}
    return Patch(columns, cards, [pk for pk in changed if pk not in shown], total_of(columns), is_too_much)


def changed_since(moment):
    """(ids of the leads that changed, whether so much changed that the board is better read again)."""
    log = AuditLog.objects.changes(but=HARMLESS)
    leads = log.since(moment - GRACE).about_any(Lead)
    changed = list(leads.values_list("resource_id", flat=True).distinct()[: TOO_MANY + 1])
    # No grace here: whoever opens the board right after an import sees all of it already.
    is_too_much = len(changed) > TOO_MANY or log.since(moment).about_any(*WIDE).exists()
    return (changed if len(changed) <= TOO_MANY else []), is_too_much
