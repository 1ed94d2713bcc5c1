"""A test that goes the whole way of each kind of connection, and leaves nothing but the words of what it would be."""

from urllib.parse import urlsplit

import httpx
import pytest

from clinics import webhook_rehearsal
from clinics.models import WebhookConnection, WebhookLog
from clinics.webhook_connections import pause_connection, run_test, start_test
from clinics.webhook_rehearsal import MARK
from conftest import Browser
from crm.models import Lead, LeadActivity, LeadSubmission
from crm.tests.factories import LeadFactory


@pytest.fixture
def send_test(clinic, owner, monkeypatch):
    """send_test(connection): what the job says that sends a test; the network is our own application."""

    def over_our_own_network(url, body, headers):
        kind = headers.pop("Content-Type")
        browser = Browser(enforce_csrf_checks=True)
        answer = browser.generic("POST", urlsplit(url).path, body, content_type=kind, headers=headers)
        return httpx.Response(answer.status_code, content=answer.content)

    monkeypatch.setattr(webhook_rehearsal, "_post", over_our_own_network)
    return lambda connection: run_test(clinic, start_test(connection, by=owner, sends=True))


@pytest.mark.parametrize(
    ("kind", "keys", "facts"),
    [
        ("json", {"bearer": "b-1"}, {}),
        ("google", {}, {}),
        ("meta", {}, {"page_id": "1029384756"}),
        ("calls", {}, {}),
        ("mail", {"password": "p-1", "signing_key": "k-1"}, {}),
    ],
)
def test_a_test_is_proved_kept_and_read_and_becomes_no_lead(send_test, connected, coordinator, kind, keys, facts):
    connection = connected(kind, secrets=keys, **facts)
    result = send_test(connection)

    event = WebhookLog.objects.get()
    assert result["failed"] == 0, result["checks"]
    assert (event.status, event.event_type) == ("IGNORED", "test")
    assert event.outcome.startswith("A test: It would be ")
    assert [model.objects.count() for model in (Lead, LeadSubmission, LeadActivity)] == [0, 0, 0]
    connection = WebhookConnection.objects.get()
    assert (connection.received_count, connection.last_received_at) == (0, None)


def test_a_test_says_whom_it_would_be_a_touch_of(send_test, connected, coordinator):
    LeadFactory(first_name="Ana", last_name="Lopez", phone="+13125550147")
    result = send_test(connected("json"))

    assert "It would be a touch of Ana Lopez." in result["checks"][-1]["text"]
    assert Lead.objects.count() == 1


def test_a_test_that_does_not_arrive_says_so(send_test, connected, owner):
    connection = connected("json")
    pause_connection(connection, by=owner)
    result = send_test(connection)

    assert (result["failed"], WebhookLog.objects.count()) == (1, 0)
    assert "404" in result["checks"][0]["advice"]


def test_nobody_else_can_pose_as_a_test(connected, deliver, coordinator, work_off):
    said = {"name": "Eva", "phone": "+1 312 555 0111"}
    deliver(connected("json"), said, headers={MARK: "forged"})

    assert [lead.first_name for lead in work_off()] == ["Eva"]
