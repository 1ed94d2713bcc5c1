from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import last_audit
from crm.board_order import BY_HAND
from crm.models import Lead
from crm.pipeline import move_lead, undo_move
from crm.placing import place_lead
from crm.rules import LeadIsLocked, NotInThatColumn
from crm.tests.factories import LeadFactory

NOW = timezone.now()


@pytest.fixture
def cards(clinic):
    """A column of four, from top to bottom A, B, C and D."""
    return {
        name: LeadFactory(first_name=name, stage_entered_at=NOW - timedelta(hours=n)) for n, name in enumerate("ABCD")
    }


def column():
    return "".join(BY_HAND.top_first(Lead.objects.on_board()).values_list("first_name", flat=True))


@pytest.mark.parametrize(
    ("name", "below", "expected"),
    [("D", "A", "ADBC"), ("A", "D", "BCDA"), ("C", None, "CABD"), ("B", "A", "ABCD"), ("A", "B", "BACD")],
)
def test_place_lead_puts_a_card_right_below_another(cards, owner, name, below, expected):
    place_lead(cards[name], below=cards.get(below), by=owner)

    assert column() == expected
    assert last_audit(cards[name]).action == "crm.lead.placed"


def test_place_lead_finds_room_between_cards_that_came_at_the_same_moment(clinic, owner):
    same = [LeadFactory(first_name=name, stage_entered_at=NOW) for name in "XYZ"]
    below = LeadFactory(first_name="L", stage_entered_at=NOW - timedelta(days=1))

    place_lead(below, below=same[2], by=owner)

    assert column() == "ZLYX"


def test_place_lead_can_be_done_again_and_again_in_the_same_gap(cards, owner):
    for _turn in range(45):
        for name in "CD":
            place_lead(cards[name], below=Lead.objects.get(pk=cards["A"].pk), by=owner)

    assert column() == "ADCB"


def test_place_lead_holds_until_the_lead_moves_on_and_an_undo_restores_it(cards, stages, owner):
    place_lead(cards["D"], below=None, by=owner)
    place = Lead.objects.get(pk=cards["D"].pk).hand_place

    change = move_lead(cards["D"], stages["contacted"], by=owner)
    moved = Lead.objects.get(pk=cards["D"].pk).hand_place
    undo_move(change, by=owner)

    assert (moved, Lead.objects.get(pk=cards["D"].pk).hand_place) == (None, place)


def test_place_lead_refuses_another_column_and_a_locked_card(cards, stages, owner):
    move_lead(cards["A"], stages["contacted"], by=owner)
    elsewhere = Lead.objects.get(pk=cards["A"].pk)
    with pytest.raises(NotInThatColumn):
        place_lead(cards["B"], below=elsewhere, by=owner)

    move_lead(cards["C"], stages["treatment_started"], by=owner)
    with pytest.raises(LeadIsLocked):
        place_lead(cards["C"], below=None, by=owner)
