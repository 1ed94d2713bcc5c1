from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinics.jobs import run_job
from clinics.models import AuditLog, BackgroundJob, ListLayout
from conftest import next_door
from crm.exporting import remove_old_exports
from crm.lead_order import SORTS
from crm.list_columns import LEADS
from crm.models import LeadStatus
from crm.tests.factories import LeadFactory, LeadTaskFactory, TagFactory

LIST, CSV = reverse("crm:lead_list"), reverse("crm:lead_csv")


def names_in(response):
    return [row.lead.first_name for row in response.context["rows"]]


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

    LEADS.arrange(coordinator, columns=["next", "tags", "location", "coordinator"], size=50)
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

    response = client_of(coordinator).get(CSV, {"q": "ana", "columns": "all"})
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert all(words in lines[1] for words in ("Ana", "'=cmd()", "Evenings", "1250.50", "Renata"))
    entry = AuditLog.objects.get(action="crm.lead.exported")
    assert (entry.actor, entry.metadata) == (coordinator, {"count": 1, "filters": urlencode({"q": "•••"})})


def test_lead_csv_has_the_columns_and_the_order_of_the_list(client_of, coordinator):
    LEADS.arrange(coordinator, columns=["email", "stage"], size=25)
    for first_name in ("Ana", "Bea"):
        LeadFactory(first_name=first_name, email=f"{first_name}@example.com")

    response = client_of(coordinator).get(CSV, {"sort": "-name"})
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines == [
        "First name,Last name,E-mail,Stage",
        "Bea,Sample,Bea@example.com,New Lead",
        "Ana,Sample,Ana@example.com,New Lead",
    ]


def test_lead_csv_of_a_long_list_is_made_in_the_background(client_of, coordinator, owner, clinic, monkeypatch):
    monkeypatch.setattr("crm.views.lead_list.SENT_AT_ONCE", 1)
    LeadFactory(first_name="Ana", last_name="@cmd")
    LeadFactory(first_name="Bea")
    browser = client_of(coordinator)

    asked = browser.get(CSV, {"q": "sample"})
    assert asked.status_code == 200  # one lead alone has that name
    asked = browser.get(CSV, {"sort": "name"})
    assert asked.url == f"{reverse('crm:lead_export')}?sort=name"
    assert "2 leads" in browser.get(asked.url).content.decode()
    browser.post(asked.url)
    job = BackgroundJob.objects.get(kind="crm.export")
    run_job(clinic, job.pk)

    got = b"".join(browser.get(reverse("crm:lead_export_file", args=[job.pk])).streaming_content).decode("utf-8-sig")
    assert [line.split(",")[:2] for line in got.splitlines()] == [
        ["First name", "Last name"], ["Ana", "'@cmd"], ["Bea", "Sample"],
    ]  # fmt: skip
    assert client_of(owner).get(reverse("crm:lead_export_file", args=[job.pk])).status_code == 404

    assert remove_old_exports() == 0
    BackgroundJob.objects.filter(pk=job.pk).update(finished_at=timezone.now() - timedelta(days=8))
    assert remove_old_exports() == 1
    assert browser.get(reverse("crm:lead_export_file", args=[job.pk])).status_code == 404


def test_lead_list_leaves_archived_leads_out_until_they_are_asked_for(client_of, viewer):
    LeadFactory(first_name="Old", status=LeadStatus.ARCHIVED)
    LeadFactory(first_name="New")

    assert names_in(client_of(viewer).get(LIST)) == ["New"]
    assert names_in(client_of(viewer).get(LIST, {"status": "ARCHIVED"})) == ["Old"]


def test_lead_columns_are_kept_for_each_person(client_of, viewer, owner):
    LeadFactory(city="Girona")
    sent = {"shown": ["city", "stage"], "order": ["city", "phone", "stage"], "size": "25", "back": f"{LIST}?q=a"}

    assert client_of(viewer).post(reverse("crm:lead_columns"), sent).url == f"{LIST}?q=a"
    response = client_of(viewer).get(LIST)
    assert [column.key for column in response.context["columns"]] == ["name", "city", "stage"]
    assert (response.context["size"], "Girona" in response.content.decode()) == (25, True)
    assert [column.key for column in client_of(owner).get(LIST).context["columns"]][1] == "stage"


def test_lead_columns_are_rearranged_before_they_are_kept(htmx_of, viewer):
    sent = {"shown": ["city"], "order": ["stage", "city"], "size": "25", "up": "city", "back": "https://evil.example/"}

    content = htmx_of(viewer).post(reverse("crm:lead_columns"), sent).content.decode()
    assert content.index('name="order" value="city"') < content.index('name="order" value="stage"')
    assert not ListLayout.objects.exists()
    del sent["up"]
    assert htmx_of(viewer).post(reverse("crm:lead_columns"), sent)["HX-Redirect"] == LIST
