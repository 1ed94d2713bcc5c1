import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import next_door
from crm.assignment.giving import assign_lead
from crm.board_lanes import AT_ONCE, PER_CELL
from crm.pipeline import move_lead
from crm.tests.factories import LeadFactory

LANES = reverse("crm:board_lanes")
CHANGES = reverse("crm:board_lanes_changes")
ON_LANES = {"HX-Current-URL": f"http://testserver{LANES}"}


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


def now():
    return int(timezone.now().timestamp() * 1000)


def test_board_lanes_changes_bring_a_colleagues_move_and_take_a_lead_over_to_its_new_lane(
    htmx_of, coordinator, owner, stages
):
    ada, ben = LeadFactory(assigned_to=coordinator), LeadFactory(assigned_to=coordinator)
    before = now()
    move_lead(ada, stages["contacted"], by=owner)
    assign_lead(ben, owner, by=owner)

    shown = {"since": before, "lane": [str(coordinator.pk), str(owner.pk)]}
    page = htmx_of(coordinator).get(CHANGES, shown).content.decode()

    mine, theirs = (page.split(f'id="lane-arrivals-{each.pk}"')[1].split("</ol>")[0] for each in (coordinator, owner))
    assert f'id="lead-card-{ada.pk}"' in mine and f'data-gone="lead-card-{ben.pk}"' in mine
    assert f'id="lead-card-{ben.pk}"' in theirs and f'data-gone="lead-card-{ada.pk}"' in theirs
    assert f'id="count-{coordinator.pk}-{stages["new_lead"].pk}" hx-swap-oob="innerHTML">0<' in page
    assert "Read it again" not in page and 'id="board-since"' in page


def test_board_lanes_changes_say_so_when_a_lane_is_missing_on_the_page(htmx_of, coordinator, owner, stages):
    before = now()
    move_lead(LeadFactory(assigned_to=owner), stages["contacted"], by=owner)

    for shown in ([str(coordinator.pk)], ["nonsense", "nobody"], []):
        assert "Read it again" in htmx_of(coordinator).get(CHANGES, {"since": before, "lane": shown}).content.decode()


def test_board_lanes_changes_without_a_moment_lead_to_the_lanes(client_of, htmx_of, coordinator, clinic):
    assert client_of(coordinator).get(CHANGES)["Location"] == LANES
    assert "lane-arrivals" not in htmx_of(coordinator).get(CHANGES, {"since": now()}).content.decode()


def test_lead_move_on_the_lanes_answers_the_patch_of_one_lane(htmx_of, coordinator, owner, stages):
    lead = LeadFactory(assigned_to=coordinator)
    LeadFactory(assigned_to=owner)
    url = reverse("crm:lead_move", args=[lead.pk])

    page = htmx_of(coordinator).post(url, {"stage": stages["contacted"].pk}, headers=ON_LANES).content.decode()

    assert f'id="lane-arrivals-{coordinator.pk}"' in page
    assert page.count("lane-arrivals-") == 1
    assert f'id="count-{coordinator.pk}-{stages["contacted"].pk}" hx-swap-oob="innerHTML">1<' in page
