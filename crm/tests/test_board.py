from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone

from clinics.models import Tag
from conftest import next_door
from crm.board import PAGE, board_of, cards_of, column_of, heads_of
from crm.filters import LeadFilter
from crm.models import LeadTag
from crm.tests.factories import LeadFactory


@pytest.fixture
def filter_by(clinic, coordinator):
    """filter_by("source=…"): the board's filter as that address would set it, for the coordinator."""

    def build(query=""):
        request = RequestFactory().get("/pipeline/")
        request.member, request.clinic = coordinator, clinic
        return LeadFilter(QueryDict(query), request=request)

    return build


def figures(board):
    return {column.stage.slug: (column.count, column.cents) for column in board.columns if column.count}


def names(column):
    return [card.name.split()[0] for card in column.cards]


def test_board_of_counts_and_sums_the_whole_columns(stages, coordinator, filter_by):
    LeadFactory.create_batch(PAGE + 3, expected_value_cents=100_00, assigned_to=coordinator)
    LeadFactory(stage=stages["contacted"], expected_value_cents=None)
    LeadFactory(stage=stages["lost"], status="LOST", lost_reason="OTHER", expected_value_cents=900_00)
    LeadFactory(deleted_at=timezone.now(), expected_value_cents=100_00)
    LeadFactory(status="ARCHIVED", expected_value_cents=100_00)

    board = board_of(coordinator, filter_by())

    assert figures(board) == {"new_lead": (PAGE + 3, (PAGE + 3) * 100_00), "contacted": (1, 0), "lost": (1, 900_00)}
    assert (board.total.count, board.total.cents) == (PAGE + 4, (PAGE + 3) * 100_00)
    assert len(board.columns[0].cards) == PAGE


def test_board_of_leaves_out_the_cards_of_folded_columns(stages, coordinator, filter_by):
    LeadFactory()

    board = board_of(coordinator, filter_by(), is_folded=lambda stage: stage.slug == "new_lead")

    assert (board.columns[0].count, board.columns[0].cards, board.columns[0].is_folded) == (1, (), True)


def test_board_of_shows_who_came_last_on_top(coordinator, filter_by):
    now = timezone.now()
    for minutes, name in ((5, "Old"), (1, "New"), (3, "Middle")):
        LeadFactory(first_name=name, stage_entered_at=now - timedelta(minutes=minutes))

    assert names(board_of(coordinator, filter_by()).columns[0]) == ["New", "Middle", "Old"]


def test_board_of_never_shows_the_clinic_next_door(coordinator, filter_by, other_clinic):
    with next_door(other_clinic):
        LeadFactory(expected_value_cents=500_00)

    assert figures(board_of(coordinator, filter_by())) == {}


def test_board_of_filters_cards_and_figures_alike(stages, coordinator, owner, clinic, filter_by):
    tag = Tag.objects.create(name="VIP")
    wanted = LeadFactory(first_name="Ада", assigned_to=coordinator, treatment_interest=["INVISALIGN"])
    LeadTag.objects.create(lead=wanted, tag=tag)
    LeadFactory(first_name="Other", assigned_to=owner, source=wanted.source, treatment_interest=["RETAINER"])

    for query in (f"coordinator={coordinator.pk}", "coordinator=me", f"tag={tag.pk}", "interest=INVISALIGN", "q=ада"):
        board = board_of(coordinator, filter_by(query))
        assert (board.columns[0].count, names(board.columns[0])) == (1, ["Ада"]), query
    assert board_of(coordinator, filter_by(f"source={wanted.source_id}")).columns[0].count == 2
    assert board_of(coordinator, filter_by("coordinator=nobody")).columns[0].count == 0


def test_column_of_brings_page_after_page_and_no_card_twice(stages, clinic, filter_by):
    moment = timezone.now()
    leads = LeadFactory.create_batch(2 * PAGE + 2, stage_entered_at=moment)
    found, after = [], ""

    while True:
        column = column_of(stages["new_lead"], clinic, filter_by(), after=after)
        found += [card.pk for card in column.cards]
        after = column.after
        if not after:
            break

    assert sorted(found) == sorted(lead.pk for lead in leads)
    assert column.count == 2 * PAGE + 2


def test_heads_of_figure_only_the_columns_asked_for(stages, filter_by):
    LeadFactory(expected_value_cents=100_00)
    LeadFactory(stage=stages["contacted"])

    heads = heads_of(filter_by(), [stages["new_lead"], stages["lost"]])

    assert [(head.stage.slug, head.count, head.cents) for head in heads] == [("new_lead", 1, 100_00), ("lost", 0, 0)]


def test_cards_of_leave_out_what_the_filter_hides(stages, clinic, coordinator, owner, filter_by):
    mine, theirs = LeadFactory(assigned_to=coordinator), LeadFactory(assigned_to=owner)

    cards = cards_of([mine.pk, theirs.pk], clinic, filter_by("coordinator=me"), list(stages.values()))

    assert [card.pk for card in cards] == [mine.pk]
