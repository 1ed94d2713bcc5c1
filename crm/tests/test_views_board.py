import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinics.audit import record
from conftest import next_door
from crm.board import PAGE
from crm.board_order import NEWEST
from crm.models import LeadImport, PipelineStage
from crm.pipeline import move_lead
from crm.tests.factories import LeadFactory, LeadTaskFactory

BOARD = reverse("crm:board")
CHANGES = reverse("crm:board_changes")


FRAME = r"SAVEPOINT|RELEASE|SELECT (coalesce\(current_setting|set_config)"


def statements(client, url):
    """How many statements an answer costs, middleware and all; opening transaction and clinic are not counted."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len([query for query in captured if not re.match(FRAME, query["sql"])])


def cards_in(response):
    return re.findall(r'id="lead-card-([0-9a-f-]{36})"', response.content.decode())


def test_board_shows_each_card_in_its_column(client_of, coordinator, stages):
    lead = LeadFactory(first_name="Zsófia", last_name="Szabó", expected_value_cents=5900_00, assigned_to=coordinator)
    LeadFactory(stage=stages["contacted"])

    response = client_of(coordinator).get(BOARD)

    page = response.content.decode()
    assert len(cards_in(response)) == 2
    assert f'href="{lead.get_absolute_url()}">Zsófia Szabó</a>' in page
    assert "2 open leads, $5,900 expected" in page


def test_board_answers_htmx_with_the_sheet_alone(htmx_of, coordinator):
    LeadFactory()

    page = htmx_of(coordinator).get(BOARD).content.decode()

    assert page.strip().startswith('<div class="page--flush" id="board-page">')
    assert "<html" not in page


def test_board_costs_the_same_for_one_card_a_column_and_for_three(client_of, coordinator, stages):
    client = client_of(coordinator)

    def add_cards():
        for stage in stages.values():
            lost = {"status": "LOST", "lost_reason": "OTHER"} if stage.kind == PipelineStage.Kind.LOST else {}
            LeadTaskFactory(lead=LeadFactory(stage=stage, assigned_to=coordinator, **lost))

    add_cards()
    client.get(BOARD)
    client.get(BOARD)  # the first two also note who is here
    with_one = statements(client, BOARD)
    add_cards()
    add_cards()

    assert statements(client, BOARD) == with_one
    assert with_one <= 12


def test_board_of_full_columns_stays_below_200_kb(client_of, coordinator, stages):
    for stage in stages.values():
        if stage.kind != PipelineStage.Kind.LOST:
            LeadFactory.create_batch(
                PAGE + 1,
                stage=stage,
                last_name="Okonkwo-Williams",
                assigned_to=coordinator,
                treatment_interest=["INVISALIGN", "RETAINER", "SECOND_OPINION"],
                expected_value_cents=5900_00,
                status="NEW" if stage.is_default else "ACTIVE",
            )

    response = client_of(coordinator).get(BOARD)

    assert len(cards_in(response)) == 7 * PAGE
    assert len(response.content) <= 200_000


def test_board_teaches_when_it_is_empty(client_of, coordinator):
    page = client_of(coordinator).get(BOARD).content.decode()

    assert "No leads yet" in page
    assert reverse("crm:import_create") in page


def test_board_says_when_the_filters_hide_everything(client_of, coordinator):
    LeadFactory()

    page = client_of(coordinator).get(BOARD, {"q": "nobody has this name"}).content.decode()

    assert "No leads yet" not in page
    assert "No lead here passes the filters." in page


def test_board_is_not_for_marketing(client_of, marketer):
    assert client_of(marketer).get(BOARD).status_code == 403


def test_board_lets_a_viewer_look_and_move_nothing(client_of, viewer):
    LeadFactory()

    page = client_of(viewer).get(BOARD).content.decode()

    assert "data-moves" not in page


def test_board_of_a_stranger_shows_their_own_clinic(client_of, stranger, clinic):
    LeadFactory(first_name="Secret")

    assert "Secret" not in client_of(stranger).get(BOARD).content.decode()


def test_board_column_gives_the_next_page_to_htmx(htmx_of, coordinator, stages):
    now = timezone.now()
    leads = [LeadFactory(stage_entered_at=now - timedelta(minutes=minute)) for minute in range(PAGE + 2)]
    url = reverse("crm:board_column", args=[stages["new_lead"].pk])

    response = htmx_of(coordinator).get(url, {"after": NEWEST.place_of(leads[PAGE - 1])})

    assert cards_in(response) == [str(lead.pk) for lead in leads[PAGE:]]
    assert "<html" not in response.content.decode()


def test_board_column_is_a_page_without_script(client_of, coordinator, stages):
    LeadFactory.create_batch(PAGE + 1)
    client = client_of(coordinator)
    more = re.search(r'<a class="board__more" href="([^"]+)"', client.get(BOARD).content.decode())[1]

    response = client.get(more)

    assert len(cards_in(response)) == 1
    assert "Back to the board" in response.content.decode()


def test_board_column_keeps_the_filters_on_its_way(client_of, coordinator, owner):
    LeadFactory.create_batch(PAGE + 1, assigned_to=coordinator)
    LeadFactory.create_batch(3, assigned_to=owner)
    client = client_of(coordinator)
    page = client.get(BOARD, {"coordinator": "me"}).content.decode()
    more = re.search(r'<a class="board__more" href="([^"]+)"', page)[1].replace("&amp;", "&")

    assert len(cards_in(client.get(more))) == 1


def test_board_column_costs_the_same_for_one_card_and_for_three(client_of, coordinator, stages):
    client = client_of(coordinator)
    url = reverse("crm:board_column", args=[stages["new_lead"].pk])
    LeadFactory()
    client.get(url)
    client.get(url)
    with_one = statements(client, url)
    LeadFactory.create_batch(2)

    assert statements(client, url) == with_one


def test_board_column_folds_and_the_board_remembers(client_of, htmx_of, coordinator, stages):
    LeadFactory()
    browser = htmx_of(coordinator)
    url = reverse("crm:board_column", args=[stages["new_lead"].pk])

    folded = browser.get(url, {"show": "folded"})
    board = browser.get(BOARD)

    assert "board__column--collapsed" in folded.content.decode()
    assert cards_in(board) == []
    assert cards_in(browser.get(url, {"show": "open"})) != []
    assert cards_in(browser.get(BOARD)) != []


def test_board_column_opens_lost_without_script(client_of, coordinator, stages):
    LeadFactory(stage=stages["lost"], status="LOST", lost_reason="OTHER")
    browser = client_of(coordinator)
    assert cards_in(browser.get(BOARD)) == []

    response = browser.get(reverse("crm:board_column", args=[stages["lost"].pk]), {"show": "open"})

    assert response.url == BOARD
    assert len(cards_in(browser.get(BOARD))) == 1


@pytest.mark.parametrize("after", ["x", "12-34", "99999999999999999999999-00000000000000000000000000000000"])
def test_board_column_does_not_know_a_broken_place(client_of, coordinator, stages, after):
    url = reverse("crm:board_column", args=[stages["new_lead"].pk])

    assert client_of(coordinator).get(url, {"after": after}).status_code == 404


def test_board_column_of_another_clinic_is_not_found(client_of, coordinator, other_clinic):
    with next_door(other_clinic):
        stage = PipelineStage.objects.in_order().first()

    assert client_of(coordinator).get(reverse("crm:board_column", args=[stage.pk])).status_code == 404


def test_board_changes_bring_what_a_colleague_moved(htmx_of, coordinator, owner, stages):
    lead = LeadFactory()
    before = int(timezone.now().timestamp() * 1000)
    move_lead(lead, stages["contacted"], by=owner)

    response = htmx_of(coordinator).get(CHANGES, {"since": before})

    page = response.content.decode()
    assert cards_in(response) == [str(lead.pk)]
    assert f'data-stage="{stages["contacted"].pk}"' in page
    assert f'<span id="count-{stages["new_lead"].pk}" hx-swap-oob="innerHTML">0</span>' in page
    assert 'id="board-since"' in page


def test_board_changes_take_off_what_the_filter_no_longer_shows(htmx_of, coordinator, owner, stages):
    lead = LeadFactory(assigned_to=owner)
    move_lead(lead, stages["contacted"], by=owner)
    before = int(timezone.now().timestamp() * 1000)

    response = htmx_of(coordinator).get(CHANGES, {"since": before, "coordinator": "me"})

    assert cards_in(response) == []
    assert f'data-gone="lead-card-{lead.pk}"' in response.content.decode()


def test_board_changes_offer_to_read_the_board_again_after_an_import(htmx_of, coordinator):
    before = int(timezone.now().timestamp() * 1000)
    record("crm.import.finished", LeadImport(), by=coordinator)

    page = htmx_of(coordinator).get(CHANGES, {"since": before}).content.decode()

    assert 'id="board-news"' in page
    assert "Read it again" in page


def test_board_changes_say_nothing_of_an_import_that_the_board_shows_already(htmx_of, coordinator):
    lead = LeadFactory(assigned_to=coordinator)
    record("crm.import.finished", LeadImport(), by=coordinator)
    after = int(timezone.now().timestamp() * 1000) + 1
    record("crm.lead.edited", lead, by=coordinator)

    page = htmx_of(coordinator).get(CHANGES, {"since": after}).content.decode()

    assert 'id="board-news"' not in page
    assert f'id="lead-card-{lead.pk}"' in page


@pytest.mark.parametrize("since", ["", "yesterday", "9" * 30])
def test_board_changes_without_a_moment_lead_to_the_board(client_of, coordinator, since):
    assert client_of(coordinator).get(CHANGES, {"since": since}).url == BOARD
