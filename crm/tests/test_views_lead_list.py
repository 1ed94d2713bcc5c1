from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinics.models import AuditLog
from conftest import next_door
from crm.lead_order import SORTS
from crm.models import LeadStatus
from crm.tests.factories import LeadFactory, LeadTaskFactory, TagFactory

LIST, CSV = reverse("crm:lead_list"), reverse("crm:lead_csv")


def names_in(response):
    return [lead.first_name for lead, _task in response.context["rows"]]


def test_lead_list_shows_the_newest_first(client_of, viewer):
    LeadFactory(first_name="Old", captured_at=timezone.now() - timedelta(days=1))
    LeadFactory(first_name="New")

    assert names_in(client_of(viewer).get(LIST)) == ["New", "Old"]


def test_lead_list_as_a_part(htmx_of, viewer):
    LeadFactory(first_name="Ana")

    content = htmx_of(viewer).get(LIST).content.decode()
    assert "<html" not in content
    assert "Ana" in content


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{name}" for name in SORTS)])
def test_lead_list_sorts_by_any_column(client_of, viewer, coordinator, sort):
    LeadFactory(expected_value_cents=100, assigned_to=coordinator)
    LeadFactory()

    assert len(names_in(client_of(viewer).get(LIST, {"sort": sort}))) == 2


def test_lead_list_sorted_down_still_ends_with_nothing(client_of, viewer):
    for first_name, cents in [("None", None), ("Ten", 10), ("Five", 5)]:
        LeadFactory(first_name=first_name, expected_value_cents=cents)

    assert names_in(client_of(viewer).get(LIST, {"sort": "-value"})) == ["Ten", "Five", "None"]
    assert names_in(client_of(viewer).get(LIST, {"sort": "value"})) == ["Five", "Ten", "None"]


@pytest.mark.parametrize("asked", [{"sort": "password"}, {"size": "1000000"}, {"page": "999"}, {"stage": "nonsense"}])
def test_lead_list_takes_nonsense_calmly(client_of, viewer, asked):
    LeadFactory(first_name="Ana")

    assert names_in(client_of(viewer).get(LIST, asked)) == ["Ana"]


def test_lead_list_filters(client_of, viewer, stages):
    tagged = LeadFactory(first_name="Tagged")
    tag = TagFactory()
    tagged.tag_links.create(tag=tag)
    LeadFactory(first_name="Moved", stage=stages["contacted"], status=LeadStatus.ACTIVE)
    LeadFactory(first_name="Old", captured_at=timezone.now() - timedelta(days=30))
    browser, today = client_of(viewer), timezone.localdate()

    assert names_in(browser.get(LIST, {"tag": tag.pk})) == ["Tagged"]
    assert names_in(browser.get(LIST, {"stage": stages["contacted"].pk})) == ["Moved"]
    assert names_in(browser.get(LIST, {"status": "ACTIVE"})) == ["Moved"]
    assert names_in(browser.get(LIST, {"created_before": today - timedelta(days=7)})) == ["Old"]
    assert names_in(browser.get(LIST, {"q": "movéd"})) == ["Moved"]


def test_lead_list_that_is_empty_says_what_to_do(client_of, coordinator):
    browser = client_of(coordinator)

    assert "No leads yet" in browser.get(LIST).content.decode()
    assert "Nobody matches" in browser.get(LIST, {"q": "x"}).content.decode()


def test_lead_list_costs_the_same_with_one_and_three_rows(client_of, coordinator):
    browser = client_of(coordinator)

    def statements():
        with CaptureQueriesContext(connection) as queries:
            browser.get(LIST)
        return [query["sql"] for query in queries if "crm_" in query["sql"] or "clinics_location" in query["sql"]]

    LeadTaskFactory(lead=LeadFactory(assigned_to=coordinator))
    one = statements()
    for _row in range(2):
        LeadTaskFactory(lead=LeadFactory(assigned_to=coordinator))
    three = statements()
    assert len(one) == len(three) <= 10


def test_lead_list_holds_nobody_of_the_clinic_next_door(client_of, viewer, other_clinic):
    with next_door(other_clinic):
        LeadFactory(first_name="Secret")

    assert names_in(client_of(viewer).get(LIST)) == []


def test_lead_list_and_csv_are_a_403_for_marketing(client_of, marketer, viewer):
    assert client_of(marketer).get(LIST).status_code == 403
    assert client_of(viewer).get(CSV).status_code == 403


def test_lead_csv_holds_the_filtered_list_and_is_on_record(client_of, coordinator):
    lead = LeadFactory(first_name="Ana", last_name="=cmd()", expected_value_cents=1250_50, assigned_to=coordinator)
    lead.tag_links.create(tag=TagFactory(name="Evenings"))
    LeadFactory(first_name="Bea")

    response = client_of(coordinator).get(CSV, {"q": "ana"})
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert all(words in lines[1] for words in ("Ana", "'=cmd()", "Evenings", "1250.50", "Renata"))
    entry = AuditLog.objects.get(action="crm.lead.exported")
    assert (entry.actor, entry.metadata) == (coordinator, {"count": 1, "filters": {"q": "ana"}})
