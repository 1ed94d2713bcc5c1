"""Putting back what a look for deletions took away: visits come back, appointments stand as they did."""

from django.db import transaction
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.jobs import report_progress, start_job
from clinics.live import publish
from clinics.tenancy import clinic_scope
from patients.emr.files.rules import RunCannotBeUndone
from patients.emr.undoing import finish_undo, left_of, undo_some
from patients.models import EmrRun


@transaction.atomic
def start_sweep_undo(run, *, by):
    """Put back in the background what a sweep took away, within 7 days; returns the run.

    It is known further on that the EMR does not have it, so that the next sweep leaves it alone; patients who wait for
    a person go on waiting. Records "patients.emr_run.undo_started". Raises RunCannotBeUndone.
    """
    run = EmrRun.objects.select_for_update(of=("self",)).select_related("job").get(pk=run.pk)
    if not run.may_be_undone or (run.job is not None and run.job.is_unfinished):
        raise RunCannotBeUndone
    title, parameters = _("Putting back what was deleted in the EMR"), {"run": str(run.pk)}
    url = run.get_absolute_url()
    run.job = start_job("patients.emr_sweep_undo", title=title, by=by, parameters=parameters, result_url=url)
    run.save(update_fields=["job", "updated_at"])
    record("patients.emr_run.undo_started", run, by=by)
    publish("emr-runs", f"emr-run-{run.pk}")
    return run


def run_sweep_undo(clinic, job):
    """The job "patients.emr_sweep_undo": a batch a transaction; what is put back is not met again."""
    with clinic_scope(clinic):
        run = EmrRun.objects.get(pk=job.parameters["run"])
        total = left = left_of(run)
    while left:
        with clinic_scope(clinic):
            left = undo_some(run, by=job.started_by)
            report_progress(job, total - left, total)
    with clinic_scope(clinic):
        return finish_undo(run, by=job.started_by)
