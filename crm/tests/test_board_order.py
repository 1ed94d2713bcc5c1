from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from crm.board_order import NEWEST, ORDERS, order_asked, read_place
from crm.cards import with_card_fields
from crm.models import Lead
from crm.tests.factories import LeadFactory, LeadTaskFactory


@pytest.fixture
def column(clinic):
    """Three leads of one column: the oldest is worth most, the middle one has the next step, the newest has nothing."""
    now = timezone.now()
    LeadFactory(first_name="Old", stage_entered_at=now - timedelta(days=9), expected_value_cents=900_00)
    middle = LeadFactory(first_name="Middle", stage_entered_at=now - timedelta(days=3), expected_value_cents=100_00)
    LeadFactory(first_name="New", stage_entered_at=now, expected_value_cents=None)
    LeadTaskFactory(lead=middle, due_at=now + timedelta(days=1))


def walk(order):
    """The column from top to bottom in steps of one card, each found below the place of the last."""
    leads, names, place = Lead.objects.on_board(), [], ""
    while True:
        rows = order.below(leads, place) if place else leads
        lead = order.top_first(rows).first()
        if lead is None:
            return names
        lead = with_card_fields(Lead.objects.filter(pk=lead.pk)).get()
        names.append(lead.first_name)
        place = order.place_of(lead)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("newest", ["New", "Middle", "Old"]),
        ("longest", ["Old", "Middle", "New"]),
        ("value", ["Old", "Middle", "New"]),
        ("next", ["Middle", "Old", "New"]),
    ],
)
def test_order_shows_every_card_once_in_its_place(column, name, expected):
    assert walk(order_asked(QueryDict(f"sort={name}"))) == expected


@pytest.mark.parametrize("query", ["", "sort=", "sort=x", "sort=stage_entered_at"])
def test_order_asked_for_nothing_known_is_the_usual_one(query):
    assert order_asked(QueryDict(query)) == NEWEST


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.name)
@pytest.mark.parametrize("text", ["", "x", "12", "12-34", "x-" + "0" * 32, "9" * 30 + "-" + "0" * 32])
def test_order_refuses_a_place_that_is_none(clinic, order, text):
    with pytest.raises(ValueError):
        list(order.below(Lead.objects.on_board(), text))


def test_read_place_knows_numbers_below_nothing():
    assert read_place("-1-" + "0" * 32)[0] == -1
