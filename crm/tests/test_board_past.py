from datetime import datetime, timedelta

import pytest
import time_machine
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone

from crm.archiving import archive_lead, unarchive_lead
from crm.asking_again import add_touch
from crm.assignment.giving import assign_lead, undo_assignment
from crm.board_flow import flows_between
from crm.board_past import board_on, column_on
from crm.duplicates.merging import merge_leads, undo_merge
from crm.editing import edit_lead, set_opportunity
from crm.filters import LeadFilter
from crm.inquiries import Inquiry
from crm.models import LeadSource, Opportunity
from crm.pipeline import move_lead, undo_move
from crm.submissions import write_submission
from crm.tagging import tag_lead, untag_lead
from crm.tests.factories import LeadFactory, TagFactory

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


def test_where_they_came_from_and_what_they_wanted_is_told_of_that_day_and_filtered_by(lead, on, at, owner, clinic):
    here, there = lead.source, LeadSource.objects.exclude(pk=lead.source_id).first()
    with at(1):
        add_touch(lead, Inquiry({"treatment_interest": ["BRACES_METAL"]}), a_submission(), by=owner)
    with at(3):
        edit_lead(lead, {"source": there, "treatment_interest": ["INVISALIGN"]}, version=2, by=owner)

    asked = [f"source={here.pk}", f"source={there.pk}", "interest=BRACES_METAL", "interest=INVISALIGN"]
    assert [[bool(on(day, query)) for day in (0, 1, 2, 3)] for query in asked] == [
        [True, True, True, False],
        [False, False, False, True],
        [False, True, True, False],
        [False, False, False, True],
    ]
    request = RequestFactory().get("/")
    request.member, request.clinic = owner, clinic
    (card,) = column_on(DAY, lead.stage, clinic, LeadFilter(QueryDict(), request=request), page=1).cards
    assert (card.source, card.interests) == (here.name, ())


def a_submission():
    return write_submission("WEBHOOK", {}, received_at=timezone.now())


def test_a_tag_counts_while_it_was_borne(lead, on, at, owner):
    tag = TagFactory()
    with at(1):
        tag_lead(lead, tag, by=owner)
    with at(3):
        untag_lead(lead, tag, by=owner)
    with at(5):
        tag_lead(lead, tag, by=owner)

    assert [bool(on(day, f"tag={tag.pk}")) for day in range(6)] == [False, True, True, False, False, True]


def test_the_stage_and_the_time_in_it_are_asked_of_that_day(lead, on, at, stages, owner):
    stages["new_lead"].max_days_in_stage = 2
    stages["new_lead"].save()
    with at(4):
        move_lead(lead, stages["contacted"], by=owner)

    assert [bool(on(day, f"stage={stages['new_lead'].pk}")) for day in (3, 4)] == [True, False]
    assert [bool(on(day, "stuck=on")) for day in (1, 2, 3, 4)] == [False, True, True, False]


def test_a_merge_counts_from_its_day_until_it_was_undone(lead, on, at, stages, owner):
    with at(1):
        other = LeadFactory(first_name="Bea", captured_at=noon(1), stage_entered_at=noon(1), expected_value_cents=2_00)
    with at(2):
        move_lead(other, stages["contacted"], by=owner)
    with at(4):
        merge = merge_leads(lead, other, by=owner, choices={"stage": "other", "expected_value_cents": "other"})
    with at(6):
        undo_merge(merge, by=owner)

    before = {"new_lead": ("A", 500_00), "contacted": ("B", 2_00)}
    assert [on(1), on(3), on(4), on(5), on(6)] == [
        {"new_lead": ("BA", 502_00)},
        before,
        {"contacted": ("A", 2_00)},
        {"contacted": ("A", 2_00)},
        before,
    ]


def test_moves_that_a_merge_brought_are_told_of_the_lead_whose_they_were(lead, on, at, stages, owner):
    with at(0):
        other = LeadFactory(first_name="Bea", captured_at=noon(), stage_entered_at=noon(), expected_value_cents=2_00)
    with at(2):
        move_lead(other, stages["contacted"], by=owner)
    with at(4):
        merge_leads(lead, other, by=owner, choices={"stage": "survivor"})

    assert on(1) == {"new_lead": ("BA", 502_00)} or on(1) == {"new_lead": ("AB", 502_00)}
    assert on(3) == {"new_lead": ("A", 500_00), "contacted": ("B", 2_00)}
    assert on(4) == {"new_lead": ("A", 500_00)}


def test_the_flow_of_a_coordinator_is_that_of_who_was_theirs_on_the_last_day(
    lead, at, stages, owner, coordinator, clinic
):
    with at(1):
        assign_lead(lead, coordinator, by=owner)
    with at(2):
        move_lead(lead, stages["contacted"], by=owner)
    with at(4):
        assign_lead(lead, owner, by=owner)
    request = RequestFactory().get("/")
    request.member, request.clinic = coordinator, clinic

    def flow_of(member, last):
        narrowed = LeadFilter(QueryDict(f"coordinator={member.pk}"), request=request)
        flows = flows_between(DAY, DAY + timedelta(days=last), narrowed)
        return [(flow.start.slug, flow.end.slug, flow.count, flow.cents) for flow in flows]

    went = [("new_lead", "contacted", 1, 500_00)]
    assert [flow_of(coordinator, 3), flow_of(owner, 3), flow_of(coordinator, 5), flow_of(owner, 5)] == [
        went,
        [],
        [],
        went,
    ]
