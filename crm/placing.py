"""Putting cards in order by hand: a card stands where it would stand had it come to its stage at another moment."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from crm.board_order import BY_HAND, MICROSECOND
from crm.models import Lead
from crm.pipeline import lock_lead
from crm.rules import LeadIsLocked, NotInThatColumn

# How far from its neighbour a card is put on top, at the bottom, and where no room was left between two.
ROOM = timedelta(minutes=1)


@transaction.atomic
def place_lead(lead, *, below, by):
    """Put a card right below another of its stage, or on top when `below` is None; returns the lead.

    The place holds until the lead leaves the stage, and shows where the board is ordered by hand. Records
    "crm.lead.placed". Raises LeadIsLocked, NotInThatColumn.
    """
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    if below is not None and (below.pk == lead.pk or below.stage_id != lead.stage_id):
        raise NotInThatColumn
    column = Lead.objects.on_board().in_stage(lead.stage).exclude(pk=lead.pk)

    before, lead.hand_place = lead.hand_place, _moment_below(column, below)
    lead.save(update_fields=["hand_place", "updated_at"])
    record("crm.lead.placed", lead, by=by, before={"place": before}, after={"place": lead.hand_place})
    publish("board")
    return lead


def _moment_below(column, above):
    rows = BY_HAND.below(column, BY_HAND.place_of(above)) if above else column
    under = BY_HAND.top_first(rows).first()
    if above is None:
        return _moment(under) + ROOM if under else timezone.now()
    if under is None:
        return _moment(above) - ROOM
    if _moment(above) - _moment(under) < 2 * MICROSECOND:
        return _make_room(column, above)
    return _moment(under) + (_moment(above) - _moment(under)) / 2


def _make_room(column, above):
    """Move `above` and all over it up a little, and return a moment in the gap."""
    moment = _moment(above)
    under = BY_HAND.below(column, BY_HAND.place_of(above)).values("pk")
    upper = column.alias(at=Coalesce("hand_place", "stage_entered_at")).filter(at__gte=moment).exclude(pk__in=under)
    upper.update(hand_place=Coalesce("hand_place", F("stage_entered_at")) + ROOM)
    return moment + ROOM / 2


def _moment(lead):
    return lead.hand_place or lead.stage_entered_at
