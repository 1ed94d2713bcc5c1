"""What was deleted in an EMR: a search of what has changed names only what is there, so now and then all ids are read.

A run goes through three steps, each page and each batch in a transaction that moves its place (`EmrRun.cursor`):
every record whose id is named is marked with the moment at which the run began; what was not named is counted, and
where too much is missing a person is asked first; each that is missing is then asked for by itself. What the EMR does
not have any more goes the way of a deletion that it tells (`take_deletion`), what it has after all is taken in.

began, todo, next, total   as in `patients.emr.reading`
left       types whose ids the EMR does not list: they are not compared
missing    {type: [how many were not named, how many were known]}, once all ids are read
asks       whether a person has to say first that so much is gone; `allowed` that one has
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.audit import record
from clinics.errors import RuleBroken
from clinics.jobs import start_job
from clinics.live import publish
from clinics.models import ClinicUser
from clinics.notifications import language_of, notify
from clinics.tenancy import clinic_scope
from patients.emr.client import Client
from patients.emr.connections import server_of
from patients.emr.runs import (
    finish_run,
    running_runs,
    start_run,
    take_up_run,
    told_how_it_ended,
    write_off_dead,
)
from patients.emr.sweeper import KINDS, Sweeper
from patients.emr.syncing import FRESH, SWEEP_EVERY, NotInUse
from patients.models import EmrConnection, EmrRun

SWEEP = "patients.emr_sweep"
SWEEPING = (EmrRun.Kind.SWEEP,)
AGAIN_AFTER = timedelta(days=1)  # a run that failed is begun again so much later


class NeverRead(RuleBroken):
    message = gettext_lazy("Read it first: nothing is known from it yet.")


class SweepIsRunning(RuleBroken):
    message = gettext_lazy("It is being looked through already.")


class NothingAsked(RuleBroken):
    message = gettext_lazy("Nothing is asked here any more. Look through the EMR again.")


@transaction.atomic
def start_sweep(connection, *, by):
    """Begin to look for what was deleted in an EMR; returns the EmrRun. `by` None: its time had come.

    Goes on where an interrupted run was. Raises NotInUse, NeverRead, SweepIsRunning.
    """
    connection = EmrConnection.objects.select_for_update().get(pk=connection.pk)
    if not connection.is_active:
        raise NotInUse
    if connection.last_synced_at is None:
        raise NeverRead
    write_off_dead(connection, SWEEPING)
    if running_runs(connection, SWEEPING).exists():
        raise SweepIsRunning
    left = _left_over(connection)
    run = start_run(EmrRun.Kind.SWEEP, by=by, connection=connection, job=_job_for(connection, by=by))
    run.cursor = left or {
        "began": timezone.now().isoformat(), "since": "", "todo": list(KINDS), "next": "", "total": 0, "left": [],
    }  # fmt: skip
    run.save(update_fields=["cursor"])
    connection.next_sweep_at = timezone.now() + SWEEP_EVERY
    connection.save(update_fields=["next_sweep_at", "updated_at"])
    publish("emr")
    return run


@transaction.atomic
def allow_sweep(run, *, by):
    """Say that so much is gone as a stopped run has found: it goes on. Returns it.

    Records "patients.emr_run.allowed". Raises NothingAsked, NotInUse, SweepIsRunning.
    """
    connection = EmrConnection.objects.select_for_update().get(pk=run.connection_id)
    run = EmrRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    newest = EmrRun.objects.of_connection(connection).filter(kind__in=SWEEPING).order_by("-id").first()
    if not connection.is_active:
        raise NotInUse
    if running_runs(connection, SWEEPING).exists():
        raise SweepIsRunning
    if not run.is_asking or newest.pk != run.pk:
        raise NothingAsked
    run.cursor |= {"allowed": True, "asks": False}
    run.status, run.job, run.error = EmrRun.Status.RUNNING, _job_for(connection, by=by), ""
    run.ended_at = None
    run.save()
    record("patients.emr_run.allowed", run, by=by, after={"missing": run.cursor["missing"]})
    publish("emr", "emr-runs", f"emr-run-{run.pk}")
    return run


def start_due_sweeps():
    """Begin a run of each connection whose time has come, in the open clinic; returns how many."""
    started = 0
    for connection in EmrConnection.objects.to_be_swept(timezone.now()):
        try:
            start_sweep(connection, by=None)
        except RuleBroken:  # somebody was faster
            continue
        started += 1
    return started


def _job_for(connection, *, by):
    title = _("Looking for what was deleted in %(name)s") % {"name": connection.name}
    return start_job(SWEEP, title=title, by=by, result_url=connection.get_absolute_url())


def _left_over(connection):
    """The place of the last run if it ended before its time, not long ago, and asks nobody."""
    last = EmrRun.objects.of_connection(connection).filter(kind__in=SWEEPING).order_by("-id").first()
    is_left = last is not None and last.status in (EmrRun.Status.FAILED, EmrRun.Status.STOPPED)
    return last.cursor if is_left and not last.is_asking and last.created_at > timezone.now() - FRESH else None


def run_sweep(clinic, job):
    """Read on until nothing is missing any more, or until a person has to be asked; the result is what came of it."""
    with clinic_scope(clinic):
        run = _take_up(job)
        server = server_of(run.connection)
    with told_how_it_ended(lambda status, error="": _end(clinic, run, status, error=error)), Client(server) as client:
        sweeper = Sweeper(clinic, job, run, client)
        is_over = sweeper.sweep()
    status = EmrRun.Status.DONE if is_over else EmrRun.Status.STOPPED
    run = _end(clinic, run, status, error="\n".join(sweeper.warnings))
    return {name: getattr(run, f"{name}_count") for name in EmrRun.COUNTS}


def _take_up(job):
    run = EmrRun.objects.select_related("connection", "started_by").get(job_id=job.pk)
    EmrConnection.objects.select_for_update().get(pk=run.connection_id)
    if not run.connection.is_active:
        raise NotInUse
    if running_runs(run.connection, SWEEPING).exclude(pk=run.pk).exists():
        raise SweepIsRunning
    return take_up_run(run)


def _end(clinic, run, status, *, error=""):
    with clinic_scope(clinic):
        run = finish_run(run, by=run.started_by, status=status, error=str(error))
        if status == EmrRun.Status.FAILED:
            soon = timezone.now() + AGAIN_AFTER
            EmrConnection.objects.filter(pk=run.connection_id, next_sweep_at__gt=soon).update(next_sweep_at=soon)
        if run.is_asking:
            _ask(run)
        publish("emr")
    return run


def _ask(run):
    connection = EmrConnection.objects.get(pk=run.connection_id)
    for admin in ClinicUser.objects.admins().select_related("user", "clinic"):
        with translation.override(language_of(admin)):
            words = _("Much of what was known from %(name)s is not named there any more. Say whether it is gone.")
            notify(admin, "emr", words % {"name": connection.name}, url=run.get_absolute_url())
