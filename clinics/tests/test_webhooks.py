"""Keeping what outside services tell: each event once, sealed, and replayed when somebody asks."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from clinics.models import AuditLog, Location, StaffNotification, WebhookConnection, WebhookLog
from clinics.tasks import forget_webhook_payloads
from clinics.tests.toy_hooks import connect
from clinics.webhook_processing import process_webhooks
from clinics.webhook_sources import Event
from clinics.webhooks import PayloadForgotten, WebhookInHand, keep_events, replay_dead, replay_webhook
from conftest import last_audit, no_clinic

Status = WebhookLog.Status


@pytest.fixture(autouse=True)
def toys(settings):
    settings.HOOKS = "clinics.tests.toy_hooks.SOURCES"


@pytest.fixture
def toy(owner):
    return connect(owner)


def tell(connection, *payloads):
    return keep_events(connection, [Event(each["id"], "toy.hello", each) for each in payloads])


def test_keep_events_keeps_each_once_however_often_it_is_told(toy):
    first = tell(toy, {"id": "a"}, {"id": "b"}, {"id": "a"})
    again = tell(toy, {"id": "b"}, {"id": "c"})

    assert [row.external_id for row in first.new] == ["a", "b"]
    assert ([row.external_id for row in again.new], [event.id for event in again.known]) == (["c"], ["b"])
    toy.refresh_from_db()
    assert (toy.received_count, toy.last_received_at is not None) == (3, True)


def test_the_same_event_of_another_connection_is_another_event(toy, owner):
    second = connect(owner)

    tell(toy, {"id": "a"})
    tell(second, {"id": "a"})

    assert WebhookLog.objects.count() == 2


def test_what_was_told_is_sealed_in_the_database(toy):
    tell(toy, {"id": "a", "name": "Quincy Adler"})

    with database.cursor() as cursor:
        cursor.execute("SELECT payload FROM clinics_webhooklog")
        stored = cursor.fetchone()[0]
    assert "Quincy" not in stored
    assert WebhookLog.objects.get().payload == {"id": "a", "name": "Quincy Adler"}


def test_the_secrets_and_the_address_are_sealed_in_the_database(toy):
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(s.value || c.token, ' ') FROM clinics_webhooksecret s, clinics_webhookconnection c"
        )
        stored = cursor.fetchone()[0]

    assert "toy-secret-1" not in stored
    assert toy.token not in stored


def test_an_event_that_is_hopeless_from_the_start_waits_in_the_list_and_admins_are_told_once(toy, owner):
    keep_events(toy, [Event(str(number), "toy.hello", {}, hopeless="No name in it") for number in range(3)])

    assert set(WebhookLog.objects.values_list("status", "error_message", "due_at")) == {
        (Status.DEAD, "No name in it", None)
    }
    notice = StaffNotification.objects.get(member=owner)
    assert (notice.text, notice.url) == (
        "Toys told us something that we could not take in",
        toy.get_absolute_url(),
    )


def test_an_event_that_is_to_be_ignored_is_kept_and_never_worked_at(toy):
    keep_events(toy, [Event("a", "toy.test", {}, ignored="Only a test")])

    kept = WebhookLog.objects.get()
    assert (kept.status, kept.outcome, kept.due_at) == (Status.IGNORED, "Only a test", None)


def test_replay_webhook_starts_from_the_beginning_and_is_on_record(clinic, toy, owner):
    [row] = tell(toy, {"id": "a", "does": "never"}).new
    process_webhooks(clinic, [row.pk])
    row.payload = {"id": "a"}  # as if they knew it now
    row.save(update_fields=["payload"])

    replay_webhook(row, by=owner)
    process_webhooks(clinic, [row.pk])

    row.refresh_from_db()
    assert (row.status, row.attempts, row.error_message) == (Status.PROCESSED, 1, "")
    event = last_audit(row)
    assert (event.action, event.actor, event.before) == ("clinics.webhook.replayed", owner, {"status": "DEAD"})


def test_replay_of_what_was_processed_has_no_second_effect(clinic, toy, owner):
    [row] = tell(toy, {"id": "a"}).new
    process_webhooks(clinic, [row.pk])

    replay_webhook(row, by=owner)
    process_webhooks(clinic, [row.pk])

    assert Location.objects.filter(name="a").count() == 1


def test_replay_webhook_refuses_what_a_worker_has_in_hand(toy, owner):
    [row] = tell(toy, {"id": "a"}).new
    WebhookLog.objects.update(status=Status.PROCESSING, due_at=timezone.now() + timedelta(minutes=1))

    with pytest.raises(WebhookInHand):
        replay_webhook(row, by=owner)


def test_replay_webhook_refuses_what_is_no_longer_kept(toy, owner):
    [row] = tell(toy, {"id": "a"}).new
    WebhookLog.objects.update(status=Status.PROCESSED, payload=None)

    with pytest.raises(PayloadForgotten):
        replay_webhook(row, by=owner)


def test_replay_dead_takes_all_that_were_given_up_and_nothing_else(clinic, toy, owner):
    rows = tell(toy, {"id": "a", "does": "never"}, {"id": "b", "does": "nothing"}, {"id": "c", "does": "later"}).new
    process_webhooks(clinic, [row.pk for row in rows])

    count = replay_dead(WebhookLog.objects.for_list(), by=owner)

    assert count == 1
    assert dict(WebhookLog.objects.values_list("external_id", "status")) == {
        "a": Status.RECEIVED,
        "b": Status.IGNORED,
        "c": Status.RETRY,
    }
    assert AuditLog.objects.filter(action="clinics.webhook.replayed_all").get().metadata == {"count": 1}


def test_payloads_are_forgotten_after_three_months_and_the_rest_stays(clinic, toy):
    tell(toy, {"id": "old"}, {"id": "young"}, {"id": "dead"})
    old = timezone.now() - timedelta(days=91)
    WebhookLog.objects.filter(external_id="old").update(status=Status.PROCESSED, processed_at=old)
    WebhookLog.objects.filter(external_id="young").update(status=Status.PROCESSED, processed_at=timezone.now())
    WebhookLog.objects.filter(external_id="dead").update(status=Status.DEAD, processed_at=old)

    with no_clinic():
        forget_webhook_payloads()

    kept = {row.external_id: row.payload is not None for row in WebhookLog.objects.all()}
    assert kept == {"old": False, "young": True, "dead": True}


def test_counts_of_two_deliveries_add_up(toy):
    stale = WebhookConnection.objects.get(pk=toy.pk)

    tell(toy, {"id": "a"})
    tell(stale, {"id": "b"})

    toy.refresh_from_db()
    assert toy.received_count == 2
