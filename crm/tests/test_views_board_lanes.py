import pytest
from django.urls import reverse

from conftest import next_door
from crm.board_lanes import AT_ONCE, PER_CELL
from crm.tests.factories import LeadFactory

LANES = reverse("crm:board_lanes")


def lane(owner):
    return reverse("crm:board_lane", args=[getattr(owner, "pk", owner)])


def test_board_lanes_show_exact_figures_for_each_coordinator(client_of, coordinator, owner, stages):
    LeadFactory.create_batch(PER_CELL + 2, assigned_to=coordinator, expected_value_cents=100_00)
    LeadFactory(assigned_to=owner, stage=stages["contacted"], status="ACTIVE", expected_value_cents=500_00)
    LeadFactory(assigned_to=None, expected_value_cents=900_00)

    page = client_of(coordinator).get(LANES).content.decode()

    assert [page.count(f'id="lane-{one}"') for one in (coordinator.pk, owner.pk, "nobody")] == [1, 1, 1]
    assert "7 open leads, $700 expected" in page
    assert "1 open lead, $500 expected" in page
    assert page.count('class="lead-card"') == PER_CELL + 2
    assert "Show more" in page


def test_board_lanes_further_cards_come_from_the_column(htmx_of, client_of, coordinator, owner, stages):
    LeadFactory.create_batch(PER_CELL + 2, assigned_to=coordinator)
    LeadFactory.create_batch(3, assigned_to=owner)
    page = client_of(coordinator).get(LANES).content.decode()
    address = page.split('class="board__more" href="')[1].split('"')[0].replace("&amp;", "&")

    assert htmx_of(coordinator).get(address).content.decode().count('class="lead-card"') == 2


def test_board_lane_alone_is_drawn_as_it_stands_now(htmx_of, coordinator, owner, clinic):
    LeadFactory(first_name="Ada", assigned_to=owner)

    page = htmx_of(coordinator).get(lane(owner)).content.decode()

    assert "Ada" in page
    assert "<html" not in page
    assert "lane" not in htmx_of(coordinator).get(lane(coordinator)).content.decode()


@pytest.mark.parametrize("owner", ["x", "nobody-else", "00000000"])
def test_board_lane_of_nobody_known_is_not_found(htmx_of, coordinator, clinic, owner):
    assert htmx_of(coordinator).get(lane(owner)).status_code == 404


def test_board_lanes_never_show_the_clinic_next_door(client_of, coordinator, other_clinic, clinic):
    with next_door(other_clinic):
        LeadFactory(first_name="Secret")

    assert "Secret" not in client_of(coordinator).get(LANES).content.decode()


def test_board_lanes_cost_the_same_for_one_lane_and_for_many(
    client_of, coordinator, owner, django_assert_max_num_queries
):
    client = client_of(coordinator)
    LeadFactory(assigned_to=coordinator)
    client.get(LANES)
    client.get(LANES)
    with django_assert_max_num_queries(28) as one:
        client.get(LANES)
    LeadFactory.create_batch(3, assigned_to=owner)
    LeadFactory(assigned_to=None)

    with django_assert_max_num_queries(len(one)):
        client.get(LANES)
    assert AT_ONCE >= 3
