"""The sender with workers that are killed, frozen and cut off, and a carrier that lies: nothing twice, nothing lost."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
import time_machine
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from clinics.audit import SYSTEM
from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory
from inbox.channels import contract
from inbox.models import Carrier, ChannelAccount, InboxSettings, MessageStatus, UnifiedMessage
from inbox.outbox import drain_outbox
from inbox.planning import plan_message
from inbox.reconciling import reconcile_outbox
from inbox.reporting import Report, take_report
from inbox.tests.factories import ChannelAccountFactory, ConversationFactory

IS_FULL = bool(os.environ.get("DRILL_FULL"))
KILLS = 50 if IS_FULL else 1
MANY = 2000 if IS_FULL else 24
FAULTS = ["", "", "", "[500]", "[drop]", "[never]", "[refused]", "[late]"]
FROZEN_FOR = 0.5  # seconds; longer than the lease of the worker that is frozen
S = MessageStatus


@pytest.fixture(scope="module")
def carrier():
    """The carrier's address; it runs in a process of its own."""
    process = start("tests.drills.carrier_double")
    yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def workers(django_db_setup):
    process = start("tests.drills.sender_worker")
    assert process.stdout.readline() == "ready\n", process.stderr.read()
    yield process
    process.kill()
    process.wait()


def start(module):
    environment = os.environ | {"DATABASE_NAME": connection.settings_dict["NAME"], "LOCAL": "1"}
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen([sys.executable, "-m", module], cwd=settings.BASE_DIR, env=environment, text=True, **pipes)


@pytest.fixture
def clinic(transactional_db, carrier, monkeypatch):
    """A clinic that is committed, with a number at the carrier, by day in every zone."""
    monkeypatch.setitem(contract.KNOWN, Carrier.SANDBOX, "tests.drills.double_adapter.DoubleAdapter")
    monkeypatch.setattr("inbox.planning.wake_for_all", lambda task_name: None)  # the drill says who works when
    clinic = ClinicFactory(name="Drill Dental", slug="drill", message_limit=10**6)
    with clinic_scope(clinic):
        InboxSettings.objects.create(quiet_from="00:00", quiet_until="00:00", most_a_day=10**4, most_a_week=10**4)
        ChannelAccountFactory(address="+13125550100", is_default=True, per_second=10**4, settings={"url": carrier})
        ConversationFactory()
    return clinic


def plan(clinic, texts):
    with clinic_scope(clinic):
        conversation = ConversationFactory._meta.model.objects.get()
        return [
            plan_message(conversation, channel="SMS", text=text, by=SYSTEM, dedupe_key=f"{number}")
            for number, text in enumerate(texts)
        ]


def run(workers, point, count, clinic):
    """Let a worker die; returns the status it ended with."""
    workers.stdin.write(f"{point} {count} {clinic.pk}\n")
    workers.stdin.flush()
    return workers.stdout.readline().split()


def recover(clinic, rounds=9):
    """What the ticks of the next hours do: reconcile and drain until nothing is on its way."""
    now = timezone.now()
    for number in range(1, rounds):
        with time_machine.travel(now + number * timedelta(minutes=20)):
            reconcile_outbox(clinic)
            drain_outbox(clinic)
        with clinic_scope(clinic):
            if not UnifiedMessage.objects.on_its_way().exists():
                return


def found(clinic, carrier):
    """(messages by status, how often each message of the clinic stands in the carrier's own ledger)."""
    with clinic_scope(clinic):
        rows = {str(row.pk): row.status for row in UnifiedMessage.objects.outbound()}
    told = Counter(row["key"] for row in httpx.get(f"{carrier}/ledger", trust_env=False).json())
    return Counter(rows.values()), [told[key] for key in rows]


@pytest.mark.parametrize("point", ["S1", "S2", "S3", "S4", "S5", "S6"])
def test_a_killed_worker_sends_nothing_twice_and_loses_nothing(clinic, carrier, workers, point, record_property):
    for number in range(KILLS):
        with clinic_scope(clinic):
            UnifiedMessage.objects.all().delete()
        plan(clinic, ["[500]" if point == "S6" else f"{point} {number}"] * 3)
        if point == "S6":
            drain_outbox(clinic)
            with clinic_scope(clinic):
                past = timezone.now() - timedelta(hours=1)
                UnifiedMessage.objects.update(not_before=past, handed_over_at=past)

        assert run(workers, point, 1 if point in ("S1", "S5") else 2, clinic) == ["ended", str(-signal.SIGKILL)]
        recover(clinic)

        assert found(clinic, carrier) == ({S.SENT: 3}, [1, 1, 1])
    record_property("drill", f"sender {point}: {KILLS} kills, 0 twice, 0 lost")


def test_an_intent_that_was_not_committed_is_none(clinic, carrier, workers):
    assert run(workers, "S0", 1, clinic) == ["ended", str(-signal.SIGKILL)]

    recover(clinic, rounds=2)

    assert found(clinic, carrier) == ({}, [])


def test_a_worker_that_was_frozen_for_longer_than_its_lease_wakes_up_and_does_nothing(clinic, carrier, workers):
    plan(clinic, ["frozen"])

    state, pid = run(workers, "FREEZE", 1, clinic)
    assert state == "stopped"
    stopped_at = time.monotonic()
    recover(clinic)
    sent = found(clinic, carrier)
    # The others travelled in time; the frozen worker goes by a clock that nobody turns: its lease is over there, too.
    time.sleep(max(0, stopped_at + FROZEN_FOR - time.monotonic()))
    os.kill(int(pid), signal.SIGCONT)

    assert workers.stdout.readline().split() == ["ended", "0"]
    assert sent == found(clinic, carrier) == ({S.SENT: 1}, [1])


def test_a_carrier_that_lies_several_workers_and_reapers_and_a_database_that_goes_away(
    clinic, carrier, workers, record_property
):
    plan(clinic, [f"{FAULTS[number % len(FAULTS)]} {number}" for number in range(MANY)])

    def work(act):
        try:
            act(clinic)
        except DatabaseError:  # cut off: another worker goes on
            connection.close()
            act(clinic)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        tasks = [pool.submit(work, act) for act in (drain_outbox, drain_outbox, reconcile_outbox, reconcile_outbox)]
        cut_off_others()
        for task in tasks:
            task.result()
    recover(clinic, rounds=100 if IS_FULL else 9)  # a slow machine sends fewer in the time of one run
    tell_in_disorder(clinic, carrier)

    statuses, times = found(clinic, carrier)
    refused = sum("[refused]" in FAULTS[number % len(FAULTS)] for number in range(MANY))
    record_property(
        "drill", f"sender: {MANY} messages, faults {FAULTS}: {dict(statuses)}, twice {sum(n > 1 for n in times)}"
    )
    assert statuses == {S.READ: MANY - refused, S.FAILED: refused}
    assert sorted(times) == [0] * refused + [1] * (MANY - refused)


def cut_off_others():
    """What a restart of the database does to those who are connected."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND usename = session_user AND pid <> pg_backend_pid()"
        )
        cursor.execute(f"SET ROLE {settings.DATABASE_ROLE}")


def tell_in_disorder(clinic, carrier):
    """The carrier's callbacks, each twice, the last word first."""
    ledger = httpx.get(f"{carrier}/ledger", trust_env=False).json()
    with clinic_scope(clinic):
        account = ChannelAccount.objects.get()
        known = {str(pk) for pk in UnifiedMessage.objects.values_list("pk", flat=True)}
        for row in [row for row in ledger if row["key"] in known]:
            for status in [S.READ, S.READ, S.DELIVERED, S.SENT, S.DELIVERED]:
                take_report(account, Report(row["id"], status))
