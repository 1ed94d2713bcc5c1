from datetime import datetime, timedelta

import pytest
import time_machine
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone

from crm.archiving import archive_lead, unarchive_lead
from crm.assignment.giving import assign_lead, undo_assignment
from crm.board_past import board_on, column_on
from crm.editing import set_opportunity
from crm.filters import LeadFilter
from crm.models import Opportunity
from crm.pipeline import move_lead, undo_move
from crm.tests.factories import LeadFactory

DAY = datetime(2026, 3, 10).date()


def noon(days=0):
    return timezone.make_aware(datetime(2026, 3, 10, 12)) + timedelta(days=days)


@pytest.fixture
def on(clinic, coordinator):
    """on(days): {stage: (names, cents)} of the board as it stood at the end of that day, counted from DAY."""

    def look(days=0, query=""):
        request = RequestFactory().get("/")
        request.member, request.clinic = coordinator, clinic
        board = board_on(DAY + timedelta(days=days), clinic, LeadFilter(QueryDict(query), request=request))
        return {
            column.stage.slug: ("".join(card.name[0] for card in column.cards), column.cents)
            for column in board.columns
            if column.count
        }

    return look


@pytest.fixture
def at():
    """at(days): the clock stands at noon of that day, counted from DAY."""
    return lambda days, **more: time_machine.travel(noon(days) + timedelta(**more), tick=False)


@pytest.fixture
def lead(clinic, at):
    with at(0):
        return LeadFactory(first_name="Ada", captured_at=noon(), stage_entered_at=noon(), expected_value_cents=500_00)


def test_a_lead_stands_where_it_stood_on_each_day(lead, on, at, stages, owner):
    with at(1):
        move_lead(lead, stages["contacted"], by=owner)
    with at(3):
        move_lead(lead, stages["lost"], by=owner, lost_reason="OTHER")

    assert [on(day) for day in (-1, 0, 1, 2, 3)] == [
        {},
        {"new_lead": ("A", 500_00)},
        {"contacted": ("A", 500_00)},
        {"contacted": ("A", 500_00)},
        {"lost": ("A", 500_00)},
    ]


def test_a_move_that_was_undone_counts_while_it_stood(lead, on, at, stages, owner):
    with at(1, hours=11, minutes=55):
        change = move_lead(lead, stages["contacted"], by=owner)
    with at(1, hours=12, minutes=5):
        undo_move(change, by=owner)
    with at(3):
        undo_move(move_lead(lead, stages["contacted"], by=owner), by=owner)

    assert [list(on(day)) for day in (0, 1, 2, 3)] == [["new_lead"], ["contacted"], ["new_lead"], ["new_lead"]]


def test_a_lead_in_the_archive_was_not_shown(lead, on, at, owner):
    with at(1):
        archive_lead(lead, by=owner)
    with at(3):
        unarchive_lead(lead, by=owner)
    with at(5):
        archive_lead(lead, by=owner)

    assert [len(on(day)) for day in (0, 1, 2, 3, 4, 5)] == [1, 0, 0, 1, 1, 0]


def test_a_lead_was_worth_what_it_was_worth_then(lead, on, at, owner):
    Opportunity.objects.create(lead=lead, expected_value_cents=500_00)
    with at(1):
        set_opportunity(lead, by=owner, expected_value_cents=700_00)
    with at(2):
        set_opportunity(lead, by=owner, expected_value_cents=900_00)

    assert [on(day)["new_lead"][1] for day in (0, 1, 2)] == [500_00, 700_00, 900_00]


def test_the_filters_hold_for_the_past_too(lead, on, owner):
    LeadFactory(first_name="Bea", captured_at=noon(), assigned_to=owner)

    assert on(0, f"coordinator={owner.pk}") == {"new_lead": ("B", 0)}


def test_a_column_brings_its_further_pages(clinic, coordinator, stages, on, at):
    with at(0):
        LeadFactory.create_batch(17, captured_at=noon(), stage_entered_at=noon())
    request = RequestFactory().get("/")
    request.member, request.clinic = coordinator, clinic

    pages = [
        column_on(DAY, stages["new_lead"], clinic, LeadFilter(QueryDict(), request=request), page=page)
        for page in (1, 2)
    ]

    assert [(len(page.cards), page.after, page.count) for page in pages] == [(15, "2", 17), (2, "", 17)]
    assert len({card.pk for page in pages for card in page.cards}) == 17


def test_who_took_care_is_told_of_that_day_and_filtered_by(lead, on, at, coordinator, owner):
    with at(2):
        assign_lead(lead, coordinator, by=owner)
    with at(4):
        given = assign_lead(lead, owner, by=owner).assignment
    with at(4, minutes=5):
        undo_assignment(given, by=owner)
    with at(6):
        assign_lead(lead, owner, by=owner)

    mine, nobodys = f"coordinator={coordinator.pk}", "coordinator=nobody"
    assert [bool(on(day, mine)) for day in (0, 1, 2, 3, 4, 5, 6)] == [False, False, True, True, True, True, False]
    assert [bool(on(day, nobodys)) for day in (1, 2)] == [True, False]
    assert on(6, f"coordinator={owner.pk}") == {"new_lead": ("A", 500_00)}
