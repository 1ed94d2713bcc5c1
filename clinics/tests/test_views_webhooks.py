"""What staff see of what came in: the list, one event with its payload, and running it again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.models import AuditLog, WebhookLog
from clinics.tests.toy_hooks import connect
from clinics.webhook_processing import process_webhooks
from clinics.webhook_sources import Event
from clinics.webhooks import keep_events
from conftest import last_audit


@pytest.fixture(autouse=True)
def toys(settings):
    settings.HOOKS = "clinics.tests.toy_hooks.SOURCES"


@pytest.fixture
def toy(owner):
    return connect(owner)


def tell(toy, *ids, does=""):
    return keep_events(toy, [Event(each, "toy.hello", {"id": each, "does": does, "name": "Quinn"}) for each in ids]).new


def queries_of(browser, url):
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(url).status_code == 200
    return len(asked)


@pytest.mark.parametrize("name", ["webhook_list", "webhook_connection_list"])
def test_a_list_asks_the_same_number_of_questions_for_one_and_three(toy, owner, client_of, name):
    browser, url = client_of(owner), reverse(f"clinics:{name}")
    tell(toy, "a")
    queries_of(browser, url)

    one = queries_of(browser, url)
    tell(connect(owner), "b")
    tell(connect(owner), "c")

    assert queries_of(browser, url) == one


def test_webhook_list_is_narrowed_by_state_and_service_and_says_nothing_of_payloads(toy, owner, clinic, client_of):
    second = connect(owner)
    process_webhooks(clinic, [row.pk for row in tell(toy, "a", does="never")])
    process_webhooks(clinic, [row.pk for row in tell(second, "b")])

    dead = client_of(owner).get(reverse("clinics:webhook_list"), {"status": "DEAD"})
    of_second = client_of(owner).get(reverse("clinics:webhook_list"), {"service": second.pk})

    assert [row.external_id for row in dead.context["page"]] == ["a"]
    assert [row.external_id for row in of_second.context["page"]] == ["b"]
    assert (dead.context["dead_count"], of_second.context["dead_count"]) == (1, 0)
    assert b"Quinn" not in dead.content


def test_webhook_detail_shows_the_payload_and_writes_down_who_looked(toy, owner, client_of):
    [row] = tell(toy, "a")

    response = client_of(owner).get(row.get_absolute_url())

    assert "Quinn" in response.content.decode()
    event = last_audit(row)
    assert (event.action, event.actor) == ("clinics.webhooklog.viewed", owner)


def test_webhook_detail_is_closed_to_those_who_do_not_set_the_clinic_up(toy, coordinator, client_of):
    [row] = tell(toy, "a")

    assert client_of(coordinator).get(row.get_absolute_url()).status_code == 403


def test_webhook_replay_goes_back_to_the_event(toy, owner, clinic, client_of):
    [row] = tell(toy, "a", does="never")
    process_webhooks(clinic, [row.pk])

    response = client_of(owner).post(reverse("clinics:webhook_replay", args=[row.pk]))

    row.refresh_from_db()
    assert (response.status_code, response.url, row.status) == (302, row.get_absolute_url(), "RECEIVED")


def test_webhook_replay_all_takes_those_that_the_list_shows(toy, owner, clinic, client_of):
    second = connect(owner)
    for connected in (toy, second):
        process_webhooks(clinic, [row.pk for row in tell(connected, "a", "b", does="never")])

    client_of(owner).post(reverse("clinics:webhook_replay_all"), {"service": second.pk})

    assert set(second.webhooks.values_list("status", flat=True)) == {"RECEIVED"}
    assert set(toy.webhooks.values_list("status", flat=True)) == {"DEAD"}
    assert AuditLog.objects.filter(action="clinics.webhook.replayed_all").count() == 1


def test_an_event_whose_payload_was_forgotten_says_so_and_cannot_be_run_again(toy, owner, client_of):
    [row] = tell(toy, "a")
    WebhookLog.objects.update(payload=None, status="PROCESSED")

    response = client_of(owner).get(row.get_absolute_url())

    assert "kept for three months" in response.content.decode()
    assert "Run again" not in response.content.decode()
