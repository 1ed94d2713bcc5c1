from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinics.models import Role
from clinics.tests.factories import away
from conftest import member_of
from crm.models import BulkAct
from crm.tests.factories import LeadFactory, LeadTaskFactory
from crm.workload import read_workload

WORKLOAD = reverse("crm:workload")


@pytest.fixture
def dana(clinic):
    return member_of(Role.TREATMENT_COORDINATOR, "Dana")


def hand_over_url(member):
    return reverse("crm:hand_over", args=[member.pk])


def test_read_workload_counts_what_each_has(coordinator, dana, stages):
    coordinator.capacity = 2
    coordinator.save()
    for days in (0, 100):
        entered = timezone.now() - timedelta(days=days)
        LeadFactory(assigned_to=coordinator, stage=stages["contacted"], stage_entered_at=entered, status="ACTIVE")
    LeadTaskFactory(lead=LeadFactory(assigned_to=dana), assigned_to=dana, due_at=timezone.now() - timedelta(hours=1))

    first, second = read_workload(order="open", descending=True)

    assert (first.member, first.open, first.new, first.stuck, first.is_full) == (coordinator, 2, 0, 1, True)
    assert (second.member, second.open, second.new, second.overdue) == (dana, 1, 1, 1)


def test_workload_shows_who_is_away_and_who_stands_in(coordinator, dana, client_of):
    away(coordinator, deputy=dana)

    page = client_of(dana).get(WORKLOAD).content.decode()

    assert "Out of office" in page
    assert "Dana Vasquez stands in" in page


def test_workload_asks_as_often_for_three_people_as_for_one(coordinator, client_of, django_assert_max_num_queries):
    client = client_of(coordinator)
    client.get(WORKLOAD)
    counts = []
    for _round in range(2):
        LeadFactory(assigned_to=member_of(Role.TREATMENT_COORDINATOR, "Dana"))
        with django_assert_max_num_queries(60) as asked:
            client.get(WORKLOAD)
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_workload_csv_has_a_line_for_each(coordinator, client_of):
    file = client_of(coordinator).get(WORKLOAD + "?format=csv").content.decode()

    assert "Renata Vasquez,0" in file


def test_hand_over_gives_everything_and_offers_to_take_it_back(coordinator, dana, htmx_of):
    lead = LeadFactory(assigned_to=coordinator)

    response = htmx_of(dana).post(hand_over_url(coordinator), {"to": dana.pk, "key": "once"})
    htmx_of(dana).post(hand_over_url(coordinator), {"to": dana.pk, "key": "once"})

    lead.refresh_from_db()
    assert lead.assigned_to == dana
    assert response["HX-Redirect"] == WORKLOAD
    assert BulkAct.objects.count() == 1


def test_hand_over_says_what_there_is_and_asks_whom_when_somebody_leaves(coordinator, dana, owner, client_of):
    LeadFactory(assigned_to=coordinator)
    client = client_of(owner)

    page = client.get(hand_over_url(coordinator) + "?leaves=1").content.decode()
    client.post(hand_over_url(coordinator), {"to": "", "leaves": "1", "key": "k"})

    coordinator.refresh_from_db()
    assert "1 open lead, 0 open tasks" in page
    assert not coordinator.is_active


def test_hand_over_lets_only_an_admin_deactivate(coordinator, dana, client_of):
    response = client_of(dana).post(hand_over_url(coordinator), {"to": dana.pk, "leaves": "1"})

    coordinator.refresh_from_db()
    assert response.status_code == 403
    assert coordinator.is_active


def test_hand_over_is_no_act_of_the_bar(coordinator, client_of):
    response = client_of(coordinator).post(reverse("crm:bulk_run", args=["hand_over"]), {"ids": "x"})

    assert response.status_code == 404
