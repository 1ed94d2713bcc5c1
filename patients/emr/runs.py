"""A run from its start to its end: what it counts is added by apply_resources, batch by batch."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Concat
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from patients.emr.applying import BATCH, apply_resources
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
