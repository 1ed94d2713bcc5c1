"""Webhooks told five times, shuffled, forged, by several senders to several workers, and workers that are killed."""

import json
import os
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import chain
from threading import Event

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from clinics.models import Role, WebhookConnection, WebhookLog
from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory, ClinicUserFactory
from clinics.webhook_connections import connect_service
from clinics.webhook_processing import LEASE, process_webhooks
from crm.models import Lead, LeadSource, LeadSubmission
from crm.presets import load_preset
from crm.understanding import process_due_submissions
from tests.drills.dying import run_worker

EVENTS = 2000 if os.environ.get("DRILL_FULL") else 60
TOLD, FORGED = 5, 0.1
SENDERS, WORKERS = 4, 2


@pytest.fixture
def world(transactional_db):
    """A clinic that is committed, with a connection that asks for a bearer token."""
    clinic = ClinicFactory(name="Drill Dental", slug="drill")
    with clinic_scope(clinic):
        load_preset(clinic)
        admin = ClinicUserFactory(role=Role.CLINIC_ADMIN)
        website = connect_service(
            "json",
            label="Website",
            settings={"source": str(LeadSource.objects.first().pk)},
            secrets={"bearer": "right"},
            by=admin,
        )
    return clinic, website


def lead(number):
    return {"name": f"Person {number}", "email": f"person{number}@example.com"}


def send(path, number, token):
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_IDEMPOTENCY_KEY": f"event-{number}"}
    return Client().post(path, json.dumps(lead(number)), content_type="application/json", **headers).status_code


def work_off(clinic):
    """One round of a worker: what is due of the events, then of the inquiries."""
    with clinic_scope(clinic):
        due = list(WebhookLog.objects.due(timezone.now()).values_list("pk", flat=True)[:50])
    process_webhooks(clinic, due)
    return len(due) + process_due_submissions(clinic)


def in_a_thread(act):
    def closed(*arguments):
        try:
            return act(*arguments)
        finally:
            connection.close()

    return closed


def test_every_event_has_its_effect_once_and_no_forged_one_any(world, record_property):
    clinic, website = world
    path = website.get_path()
    deliveries = [(number, "right") for number in range(EVENTS)] * TOLD
    forged = [(number + 10**6, "wrong") for number in range(int(len(deliveries) * FORGED))]
    everything = deliveries + forged
    random.Random(7).shuffle(everything)
    all_sent = Event()

    @in_a_thread
    def deliver(share):
        return [send(path, number, token) for number, token in share]

    @in_a_thread
    def work(_number):
        while work_off(clinic) or not all_sent.is_set():
            all_sent.wait(0.02)

    with ThreadPoolExecutor(SENDERS + WORKERS) as pool:
        workers = [pool.submit(work, number) for number in range(WORKERS)]
        shares = [everything[start::SENDERS] for start in range(SENDERS)]
        answers = list(chain.from_iterable(pool.map(deliver, shares)))
        all_sent.set()
        for worker in workers:
            worker.result()

    with clinic_scope(clinic):
        counted = WebhookConnection.objects.get()
        found = {
            "answers": {status: answers.count(status) for status in sorted(set(answers))},
            "events": WebhookLog.objects.filter(status="PROCESSED").count(),
            "inquiries": LeadSubmission.objects.count(),
            "leads": Lead.objects.count(),
            "received": counted.received_count,
            "refused": counted.refused_count,
        }
    record_property(
        "drill", f"webhooks: {len(everything)} deliveries of {EVENTS} events, {len(forged)} forged: {found}"
    )
    assert found == {
        "answers": {200: EVENTS * (TOLD - 1), 202: EVENTS, 401: len(forged)},
        "events": EVENTS,
        "inquiries": EVENTS,
        "leads": EVENTS,
        "received": EVENTS,
        "refused": len(forged),
    }


@pytest.mark.parametrize(("point", "count"), [("claimed", 1), ("effect", 1), ("together", 3)])
def test_what_a_killed_worker_had_in_hand_is_done_once_by_the_next(world, point, count):
    clinic, website = world
    for number in range(count):
        send(website.get_path(), number, "right")
    with clinic_scope(clinic):
        WebhookLog.objects.update(status="RECEIVED", attempts=0, due_at=timezone.now())
        LeadSubmission.objects.all().delete()
        events = list(WebhookLog.objects.order_by("pk"))

    killed = run(point, clinic.pk, *[event.pk for event in events])

    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    assert stand(clinic) == ({("PROCESSING", 1)}, count, 0)
    assert work_off(clinic) == 0  # its lease still holds
    with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1)):
        work_off(clinic)
    assert stand(clinic) == ({("PROCESSED", 2)}, count, count)


def test_a_request_that_is_killed_keeps_its_event_whole_or_not_at_all_and_told_again_it_is_one(world):
    clinic, website = world

    killed = run("requests", str(clinic.pk), website.get_path())

    assert killed.stdout.split() == [str(int(signal.SIGKILL))] * 3, killed.stderr[-2000:]
    with clinic_scope(clinic):
        assert WebhookLog.objects.count() == 1  # what was committed, though nobody was told
    for number in (0, 1, 2, 2):
        send(website.get_path(), number, "right")
    while work_off(clinic):
        pass
    with clinic_scope(clinic):
        assert (WebhookLog.objects.count(), Lead.objects.count()) == (3, 3)


def stand(clinic):
    """How the events stand, how many there are, and how many inquiries were made of them."""
    with clinic_scope(clinic):
        events = list(WebhookLog.objects.values_list("status", "attempts"))
        return set(events), len(events), LeadSubmission.objects.count()


def run(*arguments):
    return run_worker("tests.drills.webhook_worker", *arguments)
