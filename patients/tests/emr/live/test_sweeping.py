"""What was deleted in the EMR is found by asking for its ids: taken away, asked about, put back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinics.models import BackgroundJob, StaffNotification
from patients.emr import sweeper
from patients.emr.sweeping import (
    NeverRead,
    NothingAsked,
    SweepIsRunning,
    allow_sweep,
    start_due_sweeps,
    start_sweep,
)
from patients.emr.syncing import start_sync
from patients.emr.undoing_sweeps import start_sweep_undo
from patients.models import Appointment, EmrConnection, EmrIssue, EmrRecord, EmrRun, Patient, Visit
from patients.tests.emr.live.resources import appointment, encounter, patient
from patients.tests.factories import PaymentFactory
from tests.doubles.fhir import outcome

CROWD = 8


@pytest.fixture
def read(emr, connection, work, owner):
    """An EMR with eight patients, each of whom has been there once and comes once more, all of them here, too."""
    for number in range(1, CROWD + 1):
        emr.store.put(patient(str(number)))
        emr.store.put(encounter(f"e{number}", number))
        times = {"start": f"2027-12-0{number}T10:00:00Z", "end": f"2027-12-0{number}T10:30:00Z"}
        emr.store.put(appointment(f"a{number}", number, **times))
    emr.page_size = 5
    work(start_sync(connection, by=owner).job)
    connection.refresh_from_db()
    emr.asked.clear()
    return emr


@pytest.fixture
def sweep(connection, work, owner):
    """sweep(): look for what was deleted; returns the run as it ended."""

    def run(begun=None):
        begun = begun or start_sweep(connection, by=owner)
        work(begun.job)
        begun.refresh_from_db()
        return begun

    return run


def counts(run):
    return {name: getattr(run, f"{name}_count") for name in EmrRun.COUNTS if getattr(run, f"{name}_count")}


def statuses(*ids):
    return [Appointment.objects.get(external_appointment_id=each).status for each in ids]


def test_what_is_gone_there_goes_here_and_a_patient_waits_for_a_person(read, sweep):
    for kind, row_id in (("Appointment", "a1"), ("Encounter", "e2"), ("Patient", "3")):
        read.store.delete(kind, row_id)

    run = sweep()

    assert (run.kind, run.status, run.error) == ("SWEEP", "DONE", "")
    assert counts(run) == {"unchanged": 3 * CROWD - 3, "changed": 2, "waiting": 1}
    assert statuses("a1", "a2") == ["CANCELLED", "SCHEDULED"]
    assert set(Visit.objects.values_list("external_visit_id", flat=True)) == {"e1", "e3", "e4", "e5", "e6", "e7", "e8"}
    issue = EmrIssue.objects.open().get()
    assert (issue.external_id, issue.code, Patient.objects.present().count()) == ("3", "deleted_there", CROWD)
    assert {asked.query["_elements"] for asked in read.asked if "_elements" in asked.query} == {"id"}


def test_once_more_finds_nothing_new_even_after_a_person_kept_theirs(read, sweep, owner):
    read.store.delete("Patient", "3")
    sweep()
    EmrIssue.objects.update(resolved_at=timezone.now(), resolution="OURS")

    again = sweep()

    assert counts(again) == {"unchanged": 3 * CROWD - 1}
    assert not EmrIssue.objects.open().exists()


def test_what_is_only_not_listed_is_asked_for_by_itself_and_stays(read, sweep, monkeypatch):
    search = read.store.search
    monkeypatch.setattr(read.store, "search", lambda kind, query: [r for r in search(kind, query) if r["id"] != "a1"])
    read.store.put(read.store.get("Appointment", "a1") | {"status": "noshow"})

    run = sweep()

    assert (run.status, statuses("a1")) == ("DONE", ["NO_SHOW"])


def test_a_server_that_forgets_what_it_has_deleted_is_believed(read, sweep):
    read.remembers_gone = False
    read.store.delete("Appointment", "a1")

    assert (sweep().status, statuses("a1")) == ("DONE", ["CANCELLED"])


def test_where_too_much_is_missing_a_person_is_asked_and_nothing_goes_before(read, sweep, owner, client_of):
    for number in range(1, CROWD):
        read.store.delete("Appointment", f"a{number}")

    run = sweep()

    assert (run.status, run.is_asking, run.cursor["missing"]["Appointment"]) == ("STOPPED", True, [CROWD - 1, CROWD])
    assert set(statuses("a1", "a2")) == {"SCHEDULED"}
    assert StaffNotification.objects.filter(url=run.get_absolute_url()).exists()
    client = client_of(owner)
    assert "Is all of this gone?" in client.get(run.get_absolute_url()).text
    client.post(reverse("patients:emr_run_allow", args=[run.pk]))
    run.refresh_from_db()
    assert sweep(run).status == "DONE"
    assert set(statuses("a1", "a7")) == {"CANCELLED"}
    assert statuses("a8") == ["SCHEDULED"]
    with pytest.raises(NothingAsked):
        allow_sweep(run, by=owner)


@pytest.mark.parametrize("missing, known, is_much", [(0, 0, False), (1, 1, False), (2, 2, True), (3, 9, False),
                                                     (4, 9, True), (50, 1000, False), (51, 1000, True)])  # fmt: skip
def test_one_in_twenty_is_too_much_and_a_few_never_are_unless_they_are_all(missing, known, is_much):
    assert sweeper.is_too_much({"Patient": [missing, known]}) is is_much


def test_types_that_are_not_listed_are_left_alone_and_the_run_says_so(read, sweep):
    read.unlisted = {"Encounter"}
    read.store.delete("Encounter", "e1")
    read.store.delete("Appointment", "a1")

    run = sweep()

    assert (run.status, Visit.objects.count(), statuses("a1")) == ("DONE", CROWD, ["CANCELLED"])
    assert "Encounter" in run.error and "Name a patient." in run.error


@pytest.mark.parametrize("dies_at", [1, 3, 5, 7, 8, 9])
def test_a_worker_that_is_killed_anywhere_is_followed_by_one_that_goes_on(read, sweep, owner, dies_at, monkeypatch):
    monkeypatch.setattr(sweeper, "AT_ONCE", 1)
    for kind, row_id in (("Appointment", "a1"), ("Encounter", "e2"), ("Patient", "3")):
        read.store.delete(kind, row_id)
    begun, steps, respond = start_sweep(EmrConnection.objects.get(), by=owner), [], read.respond

    def killed(asked):
        steps.append(asked.path)
        if len(steps) == dies_at:
            BackgroundJob.objects.update(cancel_asked_at=timezone.now())
        return respond(asked)

    read.respond = killed
    stopped = sweep(begun)
    read.respond = respond

    run = stopped if stopped.status == "DONE" else sweep()

    assert run.status == "DONE"
    both = counts(stopped).items() | (counts(run).items() if run.pk != stopped.pk else set())
    assert {"changed", "waiting"} <= {name for name, _number in both}
    assert statuses("a1", "a2") == ["CANCELLED", "SCHEDULED"]
    assert (Visit.objects.count(), EmrIssue.objects.open().count()) == (CROWD - 1, 1)
    assert EmrRecord.objects.exclude(gone_at=None).count() == 3


def test_a_failing_server_ends_the_run_and_it_is_tried_again_the_next_day(read, sweep, connection, monkeypatch):
    monkeypatch.setattr("patients.emr.client._backoff", lambda attempt: 0)
    monkeypatch.setattr(read, "respond", lambda asked: (500, outcome("exception", "Something broke.")))

    run = sweep()

    assert (run.status, "Something broke" in run.error) == ("FAILED", True)
    connection.refresh_from_db()
    assert timedelta(hours=20) < connection.next_sweep_at - timezone.now() < timedelta(days=2)


def test_what_went_is_put_back_for_a_week_and_not_taken_away_again(read, sweep, work, owner):
    read.store.delete("Appointment", "a1")
    read.store.delete("Encounter", "e2")
    visit = Visit.objects.get(external_visit_id="e2")
    Visit.objects.filter(pk=visit.pk).update(procedures=["X-ray"], revenue_cents=9000, notes="Came on foot.")
    paid = PaymentFactory(patient=visit.patient, visit=visit)
    run = sweep()
    assert not Visit.objects.filter(pk=visit.pk).exists()

    work(start_sweep_undo(run, by=owner).job)

    run.refresh_from_db()
    assert (run.status, statuses("a1"), Visit.objects.count()) == ("UNDONE", ["SCHEDULED"], CROWD)
    visit.refresh_from_db()
    paid.refresh_from_db()
    assert (visit.procedures, visit.revenue_cents, visit.notes, visit.external_visit_id, paid.visit) == (
        ["X-ray"], 9000, "Came on foot.", "e2", visit)  # fmt: skip
    assert counts(sweep()) == {"unchanged": 3 * CROWD - 2}
    assert (statuses("a1"), Visit.objects.count()) == (["SCHEDULED"], CROWD)


def test_what_comes_back_there_is_known_again_and_may_go_again(read, sweep):
    gone = read.store.get("Appointment", "a1")
    read.store.delete("Appointment", "a1")
    sweep()
    read.store.put(gone)
    sweep()
    assert not EmrRecord.objects.exclude(gone_at=None).exists()


def test_it_is_due_a_week_after_the_first_reading_once_at_a_time(read, connection, owner, time_machine):
    assert start_due_sweeps() == 0
    time_machine.move_to(timezone.now() + timedelta(days=7, minutes=1))

    assert (start_due_sweeps(), start_due_sweeps()) == (1, 0)
    with pytest.raises(SweepIsRunning):
        start_sweep(connection, by=owner)


def test_an_emr_that_was_never_read_is_not_looked_through(connection, owner):
    with pytest.raises(NeverRead):
        start_sweep(connection, by=owner)


def test_the_page_of_a_connection_begins_it(read, connection, owner, client_of):
    client = client_of(owner)
    assert (
        reverse("patients:emr_connection_sweep", args=[connection.pk]) in client.get(connection.get_absolute_url()).text
    )

    client.post(reverse("patients:emr_connection_sweep", args=[connection.pk]))

    assert EmrRun.objects.sweeps().get().status == "RUNNING"
    assert "Looking for what was deleted" in client.get(connection.get_absolute_url()).text
