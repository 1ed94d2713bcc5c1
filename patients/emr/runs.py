"""A run from its start to its end: what it counts is added by apply_resources, batch by batch."""

from contextlib import contextmanager

from django.db import transaction
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.jobs import JobCancelled, JobTaken
from clinics.live import publish
from clinics.models import BackgroundJob
from patients.emr.applying import BATCH, apply_resources
from patients.emr.errors import EmrError
from patients.models import EmrIssue, EmrRecord, EmrRun


@transaction.atomic
def start_run(kind, *, by, connection=None, **facts):
    """Begin a run over what a connection (or a file) tells; returns the EmrRun. Records "patients.emr_run.started"."""
    run = EmrRun.objects.create(kind=kind, connection=connection, started_by=by, **facts)
    if not run.is_trial:
        record("patients.emr_run.started", run, by=by, after={"kind": kind, "connection": connection})
        publish("emr-runs")
    return run


@transaction.atomic
def finish_run(run, *, by, error="", status=None):
    """End a run: DONE, or FAILED with an `error`; returns it. Records "patients.emr_run.finished" with its counts."""
    run = EmrRun.objects.select_for_update().get(pk=run.pk)
    run.status = status or (EmrRun.Status.FAILED if error else EmrRun.Status.DONE)
    run.ended_at, run.error = timezone.now(), error
    run.save(update_fields=["status", "ended_at", "error", "updated_at"])
    if not run.is_trial:
        counts = {name: getattr(run, f"{name}_count") for name in EmrRun.COUNTS}
        record("patients.emr_run.finished", run, by=by, after={"status": run.status, **counts})
        publish("emr-runs", f"emr-run-{run.pk}", "emr-issues")
    return run


@contextmanager
def told_how_it_ended(end):
    """Work on a run; whatever ends it before its time goes to `end(status, error=...)`, and on to its job."""
    try:
        yield
    except JobTaken:
        raise
    except JobCancelled:
        end(EmrRun.Status.STOPPED)
        raise
    except EmrError as error:
        end(EmrRun.Status.FAILED, error=error)
        raise
    except Exception:
        end(EmrRun.Status.FAILED, error=_("Something went wrong on our side."))
        raise


def running_runs(connection, kinds):
    return EmrRun.objects.filter(connection=connection, status=EmrRun.Status.RUNNING, kind__in=kinds)


def write_off_dead(connection, kinds):
    """End the run whose job ended without a word, since it was interrupted too often."""
    over = running_runs(connection, kinds).exclude(job__status__in=BackgroundJob.UNFINISHED)
    over.update(status=EmrRun.Status.FAILED, ended_at=timezone.now(), error=_("The work was interrupted."))


def take_up_run(run):
    """A locked run of a connection is worked on from now on: by its first worker, or the one after a killed one."""
    run.status, run.ended_at, run.error = EmrRun.Status.RUNNING, None, ""
    run.save(update_fields=["status", "ended_at", "error", "updated_at"])
    publish("emr", "emr-runs")
    return run


def take_up_waiting(source, run, *, by):
    """Try again what waited for something that has come meanwhile; returns how many resources were tried, a batch."""
    come = EmrRecord.objects.of_source(source.connection).annotate(
        name=Concat("resource_type", Value("/"), "external_id")
    )
    come = come.filter(name=OuterRef("wants"), patient__isnull=False, state=EmrRecord.State.TAKEN)
    waiting = EmrIssue.objects.filter(connection=source.connection, resolved_at=None, is_trial=False)
    issues = list(waiting.exclude(wants="").filter(Exists(come)).order_by("pk")[:BATCH])
    if issues:
        apply_resources(source, run, [issue.payload for issue in issues], by=by, again=True)
    return len(issues)
