from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.models import BackgroundJob, StaffNotification
from patients.emr import reading
from patients.emr.connections import pause_emr
from patients.emr.syncing import SyncIsRunning, start_due_syncs, start_sync
from patients.models import Appointment, EmrConnection, EmrIssue, EmrRun, Patient, Visit
from patients.tests.emr.live.resources import appointment, encounter, patient
from tests.doubles.fhir import BROKEN, TOKEN_EXPIRED, outcome, too_many


@pytest.fixture
def filled(emr):
    """An EMR with five patients; each has been there once and comes once more."""
    for number in "12345":
        emr.store.put(patient(number))
        emr.store.put(encounter(f"e{number}", number))
        emr.store.put(
            appointment(f"a{number}", number, start=f"2026-12-07T1{number}:00:00Z", end=f"2026-12-07T1{number}:30:00Z")
        )
    return emr


@pytest.fixture
def read(connection, work, owner):
    """read(): begin a run and work it off; returns the run as it ended."""

    def run(**how):
        started = start_sync(connection, by=owner, **how)
        work(started.job)
        started.refresh_from_db()
        return started

    return run


def counts(run):
    return {name: getattr(run, f"{name}_count") for name in EmrRun.COUNTS if getattr(run, f"{name}_count")}


def rows():
    return Patient.objects.count(), Visit.objects.count(), Appointment.objects.count()


def asked_for(emr, kind):
    return [asked.query.get("_lastUpdated") for asked in emr.asked if asked.path == f"/{kind}"]


def test_the_first_run_reads_everything_page_by_page_and_the_next_what_has_changed(filled, read, connection):
    first = read()

    assert (first.kind, first.status, first.error) == ("FULL", "DONE", "")
    assert rows() == (5, 5, 5)
    assert counts(first) == {"taken": 15}
    assert asked_for(filled, "Patient") == [None]
    filled.store.put(patient("6"), updated=timezone.now())
    second = read()
    assert (second.kind, second.status) == ("INCREMENT", "DONE")
    assert rows() == (6, 5, 5)
    since = asked_for(filled, "Patient")[1]
    began = first.started_at - timedelta(minutes=10)
    assert abs(timezone.datetime.fromisoformat(since.removeprefix("ge")) - began) < timedelta(seconds=5)
    connection.refresh_from_db()
    assert (connection.failures, connection.status) == (0, "READY")


def test_a_run_once_more_changes_nothing(filled, read):
    read()
    before = list(Patient.objects.order_by("pk").values_list("pk", "version", "updated_at"))

    again = read(is_full=True)

    assert counts(again) == {"unchanged": 15}
    assert list(Patient.objects.order_by("pk").values_list("pk", "version", "updated_at")) == before


def test_everything_comes_by_bulk_export_where_that_is_chosen(filled, read, connection, monkeypatch):
    monkeypatch.setattr(reading, "BATCH", 2)
    EmrConnection.objects.update(uses_bulk=True)
    connection.refresh_from_db()
    filled.polls = 2

    run = read()

    assert (run.status, run.error, rows()) == ("DONE", "", (5, 5, 5))
    assert not asked_for(filled, "Patient")
    assert filled.exports["1"]["is_deleted"]
    connection.refresh_from_db()
    assert connection.cursor["since"].startswith("2026-03-02T")  # what the export shows, less the overlap
    assert read().kind == "INCREMENT"
    assert len(filled.exports) == 1


def test_a_bulk_file_that_breaks_off_is_read_on_where_it_broke(filled, read, connection, monkeypatch):
    monkeypatch.setattr(reading, "BATCH", 2)
    EmrConnection.objects.update(uses_bulk=True)
    connection.refresh_from_db()
    filled.cut_files = 2

    run = read()

    assert (run.status, rows()) == ("DONE", (5, 5, 5))
    assert counts(run) == {"taken": 15}


def test_an_emr_without_bulk_export_is_read_page_by_page_and_the_run_says_so(filled, read, connection):
    EmrConnection.objects.update(uses_bulk=True)
    connection.refresh_from_db()
    filled.knows_bulk = False

    run = read()

    assert (run.status, rows()) == ("DONE", (5, 5, 5))
    assert "No bulk export" in run.error


def test_a_failing_server_ends_the_run_where_it_was_and_the_next_goes_on_there(filled, read, connection, monkeypatch):
    monkeypatch.setattr("patients.emr.client.time.sleep", lambda seconds: None)
    monkeypatch.setattr("patients.emr.client.Client.wait", lambda self, seconds: None)
    respond = filled.respond
    seen = []

    def breaks(asked):
        if asked.query.get("offset") == "2":
            seen.append(asked.path)
            return 500, outcome("exception", "Something broke.")
        return respond(asked)

    filled.respond = breaks
    monkeypatch.setattr("patients.emr.client._backoff", lambda attempt: 0)
    failed = read()

    assert failed.status == "FAILED"
    assert "Something broke" in failed.error
    assert Patient.objects.count() == 2
    assert failed.job.status == "FAILED"
    connection.refresh_from_db()
    assert (connection.failures, connection.status) == (1, "FAILING")
    assert connection.next_sync_at > timezone.now()
    filled.respond = respond
    before = len(asked_for(filled, "Patient"))
    gone_on = read()
    assert (gone_on.status, rows()) == ("DONE", (5, 5, 5))
    assert len(asked_for(filled, "Patient")) == before  # it went on with the second page
    assert counts(gone_on) == {"taken": 13}


def test_a_page_that_the_server_has_forgotten_is_asked_for_from_the_first(filled, read, monkeypatch):
    monkeypatch.setattr("patients.emr.client._backoff", lambda attempt: 0)
    respond, forgets = filled.respond, [True]

    def once(asked):
        if asked.query.get("offset") == "2" and forgets and forgets.pop():
            return 410, outcome("not-found", "The page is gone.")
        return respond(asked)

    filled.respond = once

    assert (read().status, rows()) == ("DONE", (5, 5, 5))


def test_a_next_link_to_another_server_ends_the_run_and_nobody_is_called(filled, read):
    filled.foreign_next = "https://169.254.169.254"

    run = read()

    assert run.status == "FAILED"
    assert "may be called" in run.error


def test_a_server_that_asks_for_an_hour_is_left_alone_for_an_hour(filled, read, connection):
    filled.desk.tokens["t"] = 0
    filled.fail(*[too_many(3600)] * 3)

    run = read()

    assert run.status == "FAILED"
    connection.refresh_from_db()
    assert connection.next_sync_at > timezone.now() + timedelta(minutes=55)


def test_a_token_that_ends_in_the_midst_is_replaced(filled, read):
    respond, ends = filled.respond, [True]

    def expires(asked):
        if asked.query.get("offset") == "2" and ends and ends.pop():
            return TOKEN_EXPIRED.status, TOKEN_EXPIRED.body
        return respond(asked)

    filled.respond = expires

    assert (read().status, rows()) == ("DONE", (5, 5, 5))
    assert len(filled.desk.assertions) == 2


def test_a_warning_inside_a_page_stands_on_the_run(filled, read):
    filled.warnings.append(outcome("informational", "Two records were left out.", "warning"))

    assert "Two records were left out." in read().error


def test_what_came_before_its_patient_is_taken_when_that_has_come(emr, read):
    emr.store.put(encounter("e1", "1"))
    assert counts(read()) == {"waiting": 1}
    assert EmrIssue.objects.open().count() == 1

    emr.store.put(patient("1"), updated=timezone.now())
    read()

    assert rows() == (1, 1, 0)
    assert not EmrIssue.objects.open().exists()


def test_one_run_at_a_time(filled, connection, owner):
    start_sync(connection, by=owner)

    with pytest.raises(SyncIsRunning):
        start_sync(connection, by=owner)
    assert start_due_syncs() == 0
    assert EmrRun.objects.count() == 1


def test_a_run_whose_job_was_given_up_does_not_stand_in_the_way(filled, connection, owner, read):
    dead = start_sync(connection, by=owner)
    BackgroundJob.objects.filter(pk=dead.job_id).update(status="FAILED")

    assert read().status == "DONE"
    dead.refresh_from_db()
    assert dead.status == "FAILED"


def test_a_run_that_somebody_stops_ends_behind_its_last_page_and_is_gone_on_with(filled, read, monkeypatch):
    take_in = reading.take_in

    def stop_then(*arguments, **how):
        if Patient.objects.exists():
            BackgroundJob.objects.update(cancel_asked_at=timezone.now())
        return take_in(*arguments, **how)

    with monkeypatch.context() as patched:
        patched.setattr(reading, "take_in", stop_then)
        stopped = read()

    assert (stopped.status, stopped.job.status) == ("STOPPED", "CANCELLED")
    assert Patient.objects.count() == 2  # the page in hand was taken back
    assert counts(read()) == {"taken": 13}
    assert rows() == (5, 5, 5)


def test_due_connections_are_begun_once_and_paused_ones_not(filled, connection, owner):
    assert start_due_syncs() == 1
    assert start_due_syncs() == 0
    run = EmrRun.objects.get()
    assert run.started_by is None
    EmrRun.objects.update(status="DONE")
    pause_emr(connection, by=owner)
    EmrConnection.objects.update(next_sync_at=timezone.now())
    assert start_due_syncs() == 0


def test_admins_are_told_when_it_fails_for_the_third_time(filled, read, monkeypatch):
    monkeypatch.setattr("patients.emr.client._backoff", lambda attempt: 0)
    for _each in range(3):
        filled.fail(*[BROKEN] * 20)
        read()
        filled.faults.clear()

    assert StaffNotification.objects.filter(kind="emr").count() == 1
