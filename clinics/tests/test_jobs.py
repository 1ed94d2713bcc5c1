from datetime import timedelta

import pytest
import time_machine
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from clinics import tasks
from clinics.errors import RuleBroken
from clinics.jobs import (
    MOST_INTERRUPTIONS,
    JobIsOver,
    JobIsRunning,
    cancel_job,
    may_steer,
    report_progress,
    retry_job,
    run_job,
    start_job,
)
from clinics.models import BackgroundJob, Location, StaffNotification
from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory, ClinicUserFactory, LocationFactory
from clinics.tests.test_reactions import in_another_connection
from conftest import last_audit

Status = BackgroundJob.Status
JOBS = {
    kind: f"{__name__}.{kind}"
    for kind in ("build", "break_rule", "go_wrong", "lose_database", "lose_connection", "be_cancelled", "be_overtaken")
}


class TooManyDoors(RuleBroken):
    message = "A clinic has one door."


def build(clinic, job):
    """Three steps, each in a transaction of its own; safe to repeat."""
    for number in (1, 2, 3):
        with clinic_scope(clinic):
            Location.objects.get_or_create(name=f"Room {number}")
            report_progress(job, number, 3, note=f"room {number}")
    return {"created": 3}


def break_rule(clinic, job):
    raise TooManyDoors


def go_wrong(clinic, job):
    with clinic_scope(clinic):
        LocationFactory(name="Half done")
        raise ValueError("Ana Ibarra, +1 312 555 0131")


def lose_database(clinic, job):
    raise OperationalError("the connection is closed")


def lose_connection(clinic, job):
    raise InterfaceError("the connection is closed")


def be_cancelled(clinic, job):
    with clinic_scope(clinic):
        LocationFactory(name="Room 1")
        report_progress(job, 1, 3)
    with clinic_scope(clinic):
        cancel_job(job, by=job.started_by)
    with clinic_scope(clinic):
        LocationFactory(name="Room 2")
        report_progress(job, 2, 3)
    raise AssertionError("went on")


def be_overtaken(clinic, job):
    """Silent for so long that another worker has finished the job meanwhile."""
    with clinic_scope(clinic):
        BackgroundJob.objects.filter(pk=job.pk).update(attempts=job.attempts + 1)
    with clinic_scope(clinic):
        LocationFactory(name="Too late")
        report_progress(job, 1, 3)


@pytest.fixture(autouse=True)
def own_jobs(settings):
    settings.JOBS = f"{__name__}.JOBS"


@pytest.fixture
def closed(db):
    """A clinic that is not open while the test runs, as for a worker: each step of a job is a transaction."""
    return ClinicFactory()


def worked_off(clinic, kind):
    """Start a job of `kind` and run it; return its row, the rooms and the notices afterwards."""
    with clinic_scope(clinic):
        member = ClinicUserFactory()
        job = start_job(kind, title="Three rooms", by=member)
    run_job(clinic, job.pk)
    with clinic_scope(clinic):
        return fresh(job), rooms(), StaffNotification.objects.of(member).count()


@pytest.fixture
def job_of(owner):
    return lambda kind, **facts: start_job(kind, title="Three rooms", by=owner, **facts)


def fresh(job):
    return BackgroundJob.objects.get(pk=job.pk)


def rooms():
    return sorted(Location.objects.values_list("name", flat=True))


def test_start_answers_at_once_and_runs_after_the_commit(clinic, owner, job_of, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = job_of("build", result_url="/rooms/")
        before = (job.status, rooms(), last_audit(job).action)

    job = fresh(job)
    assert before == ("QUEUED", [], "clinics.job.started")
    assert (job.status, job.result, job.done_count, job.total_count, job.note, job.percent, job.attempts) == (
        "DONE",
        {"created": 3},
        3,
        3,
        "room 3",
        100,
        1,
    )
    assert rooms() == ["Room 1", "Room 2", "Room 3"]
    assert last_audit(job).action == "clinics.job.done"
    assert list(StaffNotification.objects.of(owner).values_list("text", "url")) == [("Three rooms: done", "/rooms/")]


def test_start_of_an_unknown_kind_is_refused(owner):
    with pytest.raises(KeyError):
        start_job("dance", title="Dance", by=owner)


def test_run_twice_is_run_once(clinic, job_of):
    job = job_of("build")
    run_job(clinic, job.pk)

    run_job(clinic, job.pk)

    assert fresh(job).attempts == 1


def test_run_leaves_a_job_alone_that_another_worker_has(clinic, job_of):
    job = job_of("build")
    BackgroundJob.objects.update(status=Status.RUNNING, attempts=1, heartbeat_at=timezone.now())

    run_job(clinic, job.pk)

    assert (fresh(job).status, fresh(job).attempts, rooms()) == ("RUNNING", 1, [])


def test_run_does_not_wait_for_a_worker_that_is_just_taking_the_job(transactional_db):
    clinic = ClinicFactory()
    with clinic_scope(clinic):
        job = BackgroundJob.objects.create(kind="build", title="Three rooms", heartbeat_at=timezone.now())

    with clinic_scope(clinic):
        BackgroundJob.objects.select_for_update().get(pk=job.pk)
        in_another_connection(run_job, clinic, job.pk)

    with clinic_scope(clinic):
        assert (fresh(job).status, rooms()) == ("QUEUED", [])


def test_each_step_is_committed_for_itself(transactional_db):
    """Another connection sees a step as soon as it is done: that is what a page shows while the job runs."""
    clinic = ClinicFactory()
    with clinic_scope(clinic):
        job = BackgroundJob.objects.create(kind="build", title="Three rooms", heartbeat_at=timezone.now())

    run_job(clinic, job.pk)

    with clinic_scope(clinic):
        assert (fresh(job).status, rooms()) == ("DONE", ["Room 1", "Room 2", "Room 3"])


def test_rule_that_stands_against_the_work_is_its_error(clinic, owner, job_of):
    job = job_of("break_rule")

    run_job(clinic, job.pk)

    job = fresh(job)
    assert (job.status, job.error, job.result) == ("FAILED", "A clinic has one door.", None)
    notice = StaffNotification.objects.of(owner).get()
    assert (notice.text, notice.url) == ("Three rooms: failed", job.get_absolute_url())


def test_work_that_goes_wrong_says_so_and_takes_its_step_back(closed):
    job, found, notices = worked_off(closed, "go_wrong")

    assert (job.status, job.error) == ("FAILED", "Something went wrong on our side. You can try again.")
    assert (found, notices) == ([], 1)


@pytest.mark.parametrize("kind", ["lose_database", "lose_connection"])
def test_job_stays_as_it_is_when_the_database_goes_away(clinic, job_of, kind):
    job = job_of(kind)

    with pytest.raises((OperationalError, InterfaceError)):
        run_job(clinic, job.pk)

    assert fresh(job).status == "RUNNING"


def test_cancel_ends_a_waiting_job_at_once(clinic, owner, job_of):
    job = cancel_job(job_of("build"), by=owner)

    run_job(clinic, job.pk)

    assert (fresh(job).status, fresh(job).finished_at is not None, rooms()) == ("CANCELLED", True, [])
    assert last_audit(job).action == "clinics.job.cancel_asked"


def test_cancel_stops_a_running_job_at_its_next_step_and_takes_that_step_back(closed):
    job, found, notices = worked_off(closed, "be_cancelled")

    assert (job.status, job.done_count, found, notices) == ("CANCELLED", 1, ["Room 1"], 0)


def test_cancel_of_a_job_whose_worker_died_ends_it_when_it_is_taken_up(clinic, owner, job_of):
    job = job_of("build")
    silence(job)
    cancel_job(job, by=owner)

    tasks.restart_silent_jobs()

    assert (fresh(job).status, rooms()) == ("CANCELLED", [])


def test_cancel_twice_is_cancel_once_and_an_ended_job_is_over(clinic, owner, job_of):
    job = job_of("build")
    silence(job)
    first = cancel_job(job, by=owner).cancel_asked_at
    assert cancel_job(job, by=owner).cancel_asked_at == first

    tasks.restart_silent_jobs()

    with pytest.raises(JobIsOver):
        cancel_job(job, by=owner)


def silence(job, *, attempts=1, minutes=3):
    """What a killed worker leaves behind."""
    BackgroundJob.objects.filter(pk=job.pk).update(
        status=Status.RUNNING, attempts=attempts, heartbeat_at=timezone.now() - timedelta(minutes=minutes)
    )


def test_job_of_a_killed_worker_is_taken_up_after_two_minutes(clinic, job_of):
    job = job_of("build")
    silence(job, minutes=1)
    tasks.restart_silent_jobs()
    before = fresh(job).status

    with time_machine.travel(timezone.now() + timedelta(minutes=1, seconds=1)):
        tasks.restart_silent_jobs()

    assert (before, fresh(job).status, fresh(job).attempts, len(rooms())) == ("RUNNING", "DONE", 2, 3)


def test_job_whose_wake_up_was_lost_is_taken_up(clinic, job_of):
    job = job_of("build")

    with time_machine.travel(timezone.now() + timedelta(minutes=2, seconds=1)):
        tasks.restart_silent_jobs()

    assert fresh(job).status == "DONE"


def test_sweep_visits_every_clinic(db):
    jobs = []
    for _ in range(2):
        with clinic_scope(clinic := ClinicFactory()):
            jobs.append((clinic, start_job("build", title="Three rooms", by=None)))
            silence(jobs[-1][1])

    tasks.restart_silent_jobs()

    found = []
    for clinic, job in jobs:
        with clinic_scope(clinic):
            found.append((fresh(job).status, len(rooms())))
    assert found == [("DONE", 3), ("DONE", 3)]


def test_job_that_kills_its_workers_fails_in_the_end_and_can_be_started_again(clinic, owner, job_of):
    job = job_of("build")
    silence(job, attempts=MOST_INTERRUPTIONS)
    tasks.restart_silent_jobs()
    failed = fresh(job)

    retry_job(failed, by=owner)
    run_job(clinic, job.pk)

    assert (failed.status, failed.error) == ("FAILED", "The work was interrupted several times. You can try again.")
    assert fresh(job).status == "DONE"


def test_worker_that_was_overtaken_writes_nothing_more(closed):
    job, found, notices = worked_off(closed, "be_overtaken")

    assert (job.status, job.attempts, found, notices) == ("RUNNING", 2, [], 0)


def test_retry_runs_a_failed_job_from_the_start(clinic, owner, job_of, django_capture_on_commit_callbacks):
    job = job_of("build")
    BackgroundJob.objects.update(status=Status.FAILED, error="No.", done_count=2, finished_at=timezone.now())

    with django_capture_on_commit_callbacks(execute=True):
        again = retry_job(job, by=owner)

    assert (again.status, again.error, again.done_count, again.finished_at) == ("QUEUED", "", 0, None)
    assert fresh(job).status == "DONE"


@pytest.mark.parametrize(
    ("status", "error"), [("QUEUED", JobIsRunning), ("RUNNING", JobIsRunning), ("DONE", JobIsOver)]
)
def test_retry_of_a_job_that_did_not_fail_is_refused(owner, job_of, status, error):
    job = job_of("build")
    BackgroundJob.objects.update(status=status)

    with pytest.raises(error):
        retry_job(job, by=owner)


def test_job_is_steered_by_whoever_started_it_and_by_clinic_admins(owner, receptionist, coordinator):
    job = start_job("build", title="Three rooms", by=receptionist)

    assert [may_steer(job, member) for member in (owner, receptionist, coordinator)] == [True, True, False]


def test_progress_of_an_unknown_total_has_no_share(job_of):
    job = job_of("build")

    assert (job.percent, job.is_unfinished, job.is_repeatable) == (None, True, False)
