from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.models import StageChange
from crm.pipeline import move_lead
from crm.tests.factories import LeadFactory

DAY = reverse("crm:board_day")
FLOW = reverse("crm:board_flow")


@pytest.fixture(autouse=True)
def by_the_clocks_of_the_clinic(clinic):
    """A day is over when it is over there, whatever the hour is elsewhere."""
    with timezone.override(clinic.zone):
        yield


@pytest.fixture
def history(clinic, stages, owner):
    """Ada asked twenty days ago, moved ten days ago and was lost three days ago; Bea asked a week ago."""
    now = timezone.now()
    ada = LeadFactory(first_name="Ada", captured_at=now - timedelta(days=20), expected_value_cents=500_00)
    LeadFactory(first_name="Bea", captured_at=now - timedelta(days=7))
    for stage, days in (("contacted", 10), ("lost", 3)):
        change = move_lead(ada, stages[stage], by=owner, lost_reason="OTHER" if stage == "lost" else "")
        StageChange.objects.filter(pk=change.pk).update(changed_at=now - timedelta(days=days))


def day(days):
    return f"{timezone.localdate() - timedelta(days=days):%Y-%m-%d}"


def test_board_day_shows_the_past_and_moves_nothing(client_of, coordinator, history):
    page = client_of(coordinator).get(DAY, {"day": day(5)}).content.decode()

    assert "Ada" in page
    assert "to look at" in page
    assert "kanban-board" not in page


@pytest.mark.parametrize("asked", ["", "x", "9999-01-01", "0001-01-01", "2026-02-31"])
def test_board_day_shows_yesterday_for_a_day_that_is_none(client_of, coordinator, clinic, asked):
    page = client_of(coordinator).get(DAY, {"day": asked}).content.decode()

    assert f'value="{day(1)}"' in page


def test_board_day_costs_the_same_for_one_lead_and_three(
    client_of, coordinator, history, django_assert_max_num_queries
):
    client = client_of(coordinator)
    client.get(DAY)
    with django_assert_max_num_queries(24) as one:
        client.get(DAY)
    LeadFactory.create_batch(3, captured_at=timezone.now() - timedelta(days=9))

    with django_assert_max_num_queries(len(one)):
        client.get(DAY)


def test_board_day_column_gives_the_next_page_to_htmx(htmx_of, coordinator, stages):
    LeadFactory.create_batch(17, captured_at=timezone.now() - timedelta(days=9))
    url = reverse("crm:board_day_column", args=[stages["new_lead"].pk])

    response = htmx_of(coordinator).get(url, {"day": day(2), "page": "2"})

    assert response.content.decode().count('class="lead-card"') == 2
    for nonsense in ("0", "-1", "x", "٣", "9" * 40):
        assert htmx_of(coordinator).get(url, {"page": nonsense}).status_code == 200


def test_board_flow_tells_from_where_to_where_and_as_a_file(client_of, coordinator, history):
    asked = {"first": day(8), "last": day(1)}

    page = client_of(coordinator).get(FLOW, asked).content.decode()
    rows = client_of(coordinator).get(reverse("crm:board_flow_csv"), asked).content.decode("utf-8-sig").splitlines()

    assert "1 lead moved, worth $500." in page
    assert rows == ["From,To,Leads,Value", "Not on the board yet,New Lead,1,0.0", "Contacted,Lost,1,500.0"]


def test_board_flow_says_when_the_days_are_the_wrong_way_round(client_of, coordinator, clinic):
    page = client_of(coordinator).get(FLOW, {"first": day(2), "last": day(5)}).content.decode()

    assert "The first day comes after the last one: they are taken the other way round." in page
    assert f'name="first" id="id_first" value="{day(5)}"' in page
    same = client_of(coordinator).get(FLOW, {"first": day(2), "last": day(2)}).content.decode()
    assert "Both days are the same" in same


def test_board_day_says_since_when_there_are_leads(client_of, coordinator, history):
    before = client_of(coordinator).get(DAY, {"day": day(40)}).content.decode()
    since = client_of(coordinator).get(DAY, {"day": day(5)}).content.decode()

    assert "Nobody had asked yet by then" in before
    assert "Nobody had asked yet by then" not in since


def test_board_flow_is_not_for_marketing_and_its_file_not_for_a_viewer(client_of, marketer, viewer):
    assert client_of(marketer).get(FLOW).status_code == 403
    assert client_of(viewer).get(reverse("crm:board_flow_csv")).status_code == 403
