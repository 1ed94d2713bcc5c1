"""Working off what came in: once, whoever dies on the way; tried again, given up, and never twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError, connection
from django.utils import timezone

from clinics.models import Location, StaffNotification, WebhookLog
from clinics.tasks import process_due_webhooks
from clinics.tenancy import clinic_scope
from clinics.tests import toy_hooks
from clinics.tests.factories import ClinicFactory, ClinicUserFactory
from clinics.tests.toy_hooks import connect
from clinics.webhook_connections import rotate_secret
from clinics.webhook_processing import LEASE, PATIENCE, PAUSES, process_webhooks
from clinics.webhook_sources import Event
from clinics.webhooks import keep_events
from conftest import no_clinic

Status = WebhookLog.Status


@pytest.fixture(autouse=True)
def toys(settings):
    settings.HOOKS = "clinics.tests.toy_hooks.SOURCES"


@pytest.fixture
def told(owner):
    """told(does): an event that was kept, of a source that then does what it says."""
    return lambda does="", kind="toy", **secrets: tell(connect(owner, kind, **secrets), does)


def tell(connection, does=""):
    return keep_events(connection, [Event("a", "toy.hello", {"id": "a", "does": does})]).new[0]


def places():
    return sorted(Location.objects.values_list("name", flat=True))


def process(clinic, row):
    process_webhooks(clinic, [row.pk])
    row.refresh_from_db()
    return row


def test_process_webhooks_does_what_the_event_says_and_links_what_came_of_it(clinic, told):
    row = process(clinic, told())

    assert (row.status, row.attempts, row.outcome, row.due_at) == (Status.PROCESSED, 1, "A place was added", None)
    assert (row.resource_type, row.resource_id) == ("clinics.location", Location.objects.get(name="a").pk)


def test_whoever_goes_on_is_woken_once_for_all_of_a_handful(clinic, owner, monkeypatch):
    woken = []
    monkeypatch.setattr(toy_hooks.Toy, "go_on", lambda source: woken.append(source))
    rows = keep_events(
        connect(owner), [Event(str(number), "toy.hello", {"id": str(number)}) for number in range(3)]
    ).new

    process_webhooks(clinic, [row.pk for row in rows])

    assert len(woken) == 1


@pytest.mark.parametrize(
    ("does", "portions", "ends"), [("", [3], "PROCESSED"), ("break", [3], "RETRY"), ("nothing", [3], "IGNORED")]
)
def test_events_taken_in_together_each_end_as_they_would_alone(clinic, owner, monkeypatch, does, portions, ends):
    monkeypatch.setattr(toy_hooks.ManyToys, "portions", tried := [])
    events = [Event(each, "toy.hello", {"id": each, "does": does if each == "b" else ""}) for each in "abc"]
    rows = keep_events(connect(owner, "many"), events).new

    process_webhooks(clinic, [row.pk for row in rows])

    told = {row.external_id: (row.status, row.attempts) for row in WebhookLog.objects.all()}
    assert (tried, told) == (portions, {"a": ("PROCESSED", 1), "b": (ends, 1), "c": ("PROCESSED", 1)})
    assert places() == ["a", "b", "c"] if ends == "PROCESSED" else ["a", "c"]
    assert all(row.resource_id and row.outcome for row in WebhookLog.objects.filter(status="PROCESSED"))


def test_an_event_that_is_over_is_left_alone(clinic, told):
    row = process(clinic, told())
    Location.objects.all().delete()

    process(clinic, row)

    assert places() == []


@pytest.mark.parametrize(
    ("does", "status", "words"),
    [
        ("later", Status.RETRY, "They are closed"),
        ("never", Status.DEAD, "They do not know it"),
        ("break", Status.RETRY, "Something went wrong on our side: ValueError"),
    ],
)
def test_what_goes_wrong_has_no_effect_and_says_why(clinic, told, does, status, words):
    row = process(clinic, told(does))

    assert (row.status, row.error_message, places()) == (status, words, [])
    row.connection.refresh_from_db()
    assert row.connection.last_error == words


def test_what_is_to_be_ignored_has_no_effect_and_says_why(clinic, told):
    row = process(clinic, told("nothing"))

    assert (row.status, row.outcome, places()) == (Status.IGNORED, "Not for us", [])


def test_it_is_tried_again_with_growing_pauses_then_given_up_and_admins_are_told(clinic, told, owner):
    row = told("later")
    pauses = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _turn in range(len(PAUSES) + 1):
            process(clinic, row)
            if row.due_at:
                pauses.append(row.due_at - timezone.now())
                clock.move_to(row.due_at)

    assert pauses == PAUSES
    assert (row.status, row.attempts) == (Status.DEAD, len(PAUSES) + 1)
    assert StaffNotification.objects.filter(member=owner, kind="webhook").count() == 1


def test_waiting_for_a_busy_service_costs_no_try_for_a_week(clinic, told):
    row = process(clinic, told("free"))
    assert (row.status, row.attempts) == (Status.RETRY, 0)

    with time_machine.travel(timezone.now() + PATIENCE + timedelta(minutes=1)):
        process(clinic, row)
    assert (row.status, row.attempts) == (Status.RETRY, 1)


def test_what_another_worker_holds_is_left_alone_until_its_lease_ends(clinic, told):
    row = told()
    WebhookLog.objects.update(status=Status.PROCESSING, attempts=1, due_at=timezone.now() + LEASE)

    assert process(clinic, row).status == Status.PROCESSING
    with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1)):
        assert (process(clinic, row).status, row.attempts, places()) == (Status.PROCESSED, 2, ["a"])


def test_a_worker_that_lost_its_lease_meanwhile_has_no_effect(clinic, told, monkeypatch):
    row = told(kind="slow", token="t")

    def somebody_else_takes_over(token):
        WebhookLog.objects.update(attempts=2)
        return token

    monkeypatch.setattr(toy_hooks, "ask", somebody_else_takes_over)

    assert (process(clinic, row).status, places()) == (Status.PROCESSING, [])


def test_what_kills_its_worker_every_time_is_given_up(clinic, told):
    row = told()
    WebhookLog.objects.update(status=Status.PROCESSING, attempts=len(PAUSES) + 1, due_at=timezone.now())

    assert (process(clinic, row).status, places()) == (Status.DEAD, [])


def test_when_the_database_goes_away_the_event_stays_as_it_is(clinic, told, monkeypatch):
    row = told(kind="slow", token="t")

    def gone(token):
        raise OperationalError

    monkeypatch.setattr(toy_hooks, "ask", gone)

    with pytest.raises(OperationalError):
        process_webhooks(clinic, [row.pk])
    row.refresh_from_db()
    assert (row.status, row.attempts) == (Status.PROCESSING, 1)


def test_the_newest_outgoing_secret_is_used_and_what_waited_for_it_is_tried_at_once(clinic, told, owner):
    row = told(kind="slow", token="old")
    WebhookLog.objects.update(status=Status.RETRY, due_at=timezone.now() + timedelta(hours=6))

    rotate_secret(row.connection, "token", "new", by=owner)
    process(clinic, row)

    assert (row.status, places()) == (Status.PROCESSED, ["a with new"])


def test_the_sweep_takes_up_what_is_due_in_every_clinic(clinic, told):
    row = told()
    with no_clinic():
        process_due_webhooks()

    row.refresh_from_db()
    assert row.status == Status.PROCESSED


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_event_have_one_effect():
    clinic = ClinicFactory()
    with clinic_scope(clinic):
        row = tell(connect(ClinicUserFactory(role="CLINIC_ADMIN")))

    def work(_number):
        try:
            process_webhooks(clinic, [row.pk])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    with clinic_scope(clinic):
        kept = WebhookLog.objects.get()
        assert (kept.status, kept.attempts, Location.objects.filter(name="a").count()) == (Status.PROCESSED, 1, 1)
