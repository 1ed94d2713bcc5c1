"""Keeping a clinic level with its EMR: one run at a time for each connection, page by page, each page once.

A run is a background job. What a page brought and the place to go on from are written in one transaction, so that a
worker that is killed leaves nothing half done, and the next one goes on behind the last page.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.errors import RuleBroken
from clinics.jobs import start_job
from clinics.live import publish
from clinics.models import ClinicUser
from clinics.notifications import notify
from clinics.tenancy import clinic_scope
from patients.emr.client import Client
from patients.emr.connections import server_of
from patients.emr.errors import Busy
from patients.emr.reading import begin, read_on
from patients.emr.runs import finish_run, running_runs, start_run, take_up_run, told_how_it_ended, write_off_dead
from patients.models import EmrConnection, EmrRun

SYNC = "patients.emr_sync"
OVERLAP = timedelta(minutes=10)  # read again each time: clocks differ, and a server may list a change late
FRESH = timedelta(hours=24)  # so old may an interrupted run be that the next one goes on where it was
PAUSES = [timedelta(minutes=minutes) for minutes in (5, 15, 60, 240)]
SYNCING = (EmrRun.Kind.FULL, EmrRun.Kind.INCREMENT)
SWEEP_EVERY = timedelta(days=7)  # what was deleted there is looked for so often
TOLD_AT = 3  # failures in a row, then clinic admins are told


class NotInUse(RuleBroken):
    message = gettext_lazy("This connection is paused.")


class SyncIsRunning(RuleBroken):
    message = gettext_lazy("It is being read already.")


@transaction.atomic
def start_sync(connection, *, by, is_full=False):
    """Begin to read what has changed in an EMR, or everything; returns the EmrRun. `by` None: its time had come.

    Goes on where an interrupted run was. Raises NotInUse, SyncIsRunning.
    """
    connection = EmrConnection.objects.select_for_update().get(pk=connection.pk)
    if not connection.is_active:
        raise NotInUse
    write_off_dead(connection, SYNCING)
    if running_runs(connection, SYNCING).exists():
        raise SyncIsRunning
    is_full = is_full or not connection.cursor
    kind = EmrRun.Kind.FULL if is_full else EmrRun.Kind.INCREMENT
    title = _("Reading %(name)s") % {"name": connection.name}
    job = start_job(SYNC, title=title, by=by, result_url=connection.get_absolute_url())
    run = start_run(kind, by=by, connection=connection, job=job)
    run.cursor = _left_over(connection, kind, run) or begin(connection, kind)
    run.save(update_fields=["cursor"])
    connection.next_sync_at = timezone.now() + timedelta(minutes=connection.sync_minutes)
    connection.save(update_fields=["next_sync_at", "updated_at"])
    publish("emr")
    return run


def start_due_syncs():
    """Begin a run of each connection whose time has come, in the open clinic; returns how many."""
    started = 0
    for connection in EmrConnection.objects.due(timezone.now()):
        try:
            start_sync(connection, by=None)
        except RuleBroken:  # somebody was faster
            continue
        started += 1
    return started


def _left_over(connection, kind, run):
    """The place of the last run if it ended before its time, and not long ago."""
    runs = EmrRun.objects.filter(connection=connection, kind=kind).exclude(pk=run.pk)
    last = runs.order_by("-id").first()
    is_left = last is not None and last.status in (EmrRun.Status.FAILED, EmrRun.Status.STOPPED)
    return last.cursor if is_left and last.created_at > timezone.now() - FRESH else None


def run_sync(clinic, job):
    """Read on until there is nothing more; the job's result is what came of it."""
    with clinic_scope(clinic):
        run = _take_up(job)
        server = server_of(run.connection)
    with told_how_it_ended(lambda status, error="": _end(clinic, run, status, error=error)), Client(server) as client:
        warnings = read_on(clinic, job, run, client)
    run = _end(clinic, run, EmrRun.Status.DONE, error="\n".join(warnings))
    return {name: getattr(run, f"{name}_count") for name in EmrRun.COUNTS}


def _take_up(job):
    """The run of a job, for its first worker, for the one after a killed one, or because somebody tries it again."""
    run = EmrRun.objects.select_related("connection", "started_by").get(job_id=job.pk)
    EmrConnection.objects.select_for_update().get(pk=run.connection_id)
    if not run.connection.is_active:
        raise NotInUse
    if running_runs(run.connection, SYNCING).exclude(pk=run.pk).exists():
        raise SyncIsRunning
    return take_up_run(run)


def _end(clinic, run, status, *, error=""):
    with clinic_scope(clinic):
        connection = EmrConnection.objects.select_for_update().get(pk=run.connection_id)
        run = finish_run(run, by=run.started_by, status=status, error=str(error))
        if status == EmrRun.Status.DONE:
            _note_success(connection, run)
        elif status == EmrRun.Status.FAILED:
            _note_failure(connection, error)
        connection.save()
        publish("emr")
    return run


def _note_success(connection, run):
    moment = run.cursor.get("moment") or run.cursor["began"]
    since = datetime.fromisoformat(moment) - OVERLAP
    connection.cursor = connection.cursor | {"since": since.isoformat()}
    connection.last_synced_at, connection.failures, connection.last_error = timezone.now(), 0, ""
    connection.next_sweep_at = connection.next_sweep_at or timezone.now() + SWEEP_EVERY
    connection.status = EmrConnection.Status.READY


def _note_failure(connection, error):
    connection.failures, connection.last_error = connection.failures + 1, str(error)[:500]
    connection.status = EmrConnection.Status.FAILING
    pause = PAUSES[min(connection.failures, len(PAUSES)) - 1]
    if isinstance(error, Busy):
        pause = max(pause, timedelta(seconds=error.after))
    if connection.is_active:
        connection.next_sync_at = timezone.now() + pause
    if connection.failures == TOLD_AT:
        for admin in ClinicUser.objects.admins().select_related("user", "clinic"):
            text = _("%(name)s could not be read three times in a row") % {"name": connection.name}
            notify(admin, "emr", text, url=connection.get_absolute_url())
