"""Background jobs: started on a page, worked off by Celery, watched, cancelled, retried, and read afterwards."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.audit import record
from clinics.background import wake
from clinics.errors import RuleBroken
from clinics.live import publish
from clinics.models import BackgroundJob
from clinics.notifications import notify
from clinics.tenancy import clinic_scope

log = structlog.get_logger("recare.jobs")
SILENT_AFTER = timedelta(minutes=2)


class JobIsOver(RuleBroken):
    message = gettext_lazy("This job has ended already.")


class JobIsRunning(RuleBroken):
    message = gettext_lazy("This job has not ended yet.")


class JobCancelled(Exception):
    """Raised inside a job's work when somebody asked it to stop."""


def start_job(kind, *, title, by, parameters=None, result_url=""):
    """Queue the work named `kind` in `config/jobs.py` and answer at once with its row, which the page then watches."""
    if kind not in import_string(settings.JOBS):
        raise KeyError(kind)
    job = BackgroundJob.objects.create(
        kind=kind,
        title=title,
        parameters=parameters or {},
        started_by=by,
        result_url=result_url,
        heartbeat_at=timezone.now(),
    )
    record("clinics.job.started", job, by=by, after={"kind": kind})
    wake("clinics.tasks.run_job", job.pk)
    return job


def run_job(clinic, job_id):
    """Work a queued job off. Each step commits for itself, so that progress shows and a killed worker loses one step.

    A job that another worker has claimed is left alone; so is one that has ended.
    """
    with clinic_scope(clinic):
        job = BackgroundJob.objects.select_for_update().filter(pk=job_id).select_related("started_by__user").first()
        if job is None or not _is_free(job):
            return
        job.status, job.attempts, job.heartbeat_at = BackgroundJob.Status.RUNNING, job.attempts + 1, timezone.now()
        job.save(update_fields=["status", "attempts", "heartbeat_at", "updated_at"])
        publish(f"job-{job.pk}")
    work = import_string(import_string(settings.JOBS)[job.kind])
    try:
        result = work(clinic, job)
    except JobCancelled:
        _finish(clinic, job, BackgroundJob.Status.CANCELLED)
    except RuleBroken as broken:
        _finish(clinic, job, BackgroundJob.Status.FAILED, error=str(broken))
    except Exception as error:  # a job never dies silently: its page says that it failed, the log says where
        log.exception("job failed", job_id=str(job.pk), kind=job.kind, error=type(error).__name__)
        _finish(
            clinic, job, BackgroundJob.Status.FAILED, error=_("Something went wrong on our side. You can try again.")
        )
    else:
        _finish(clinic, job, BackgroundJob.Status.DONE, result=result)


def _is_free(job):
    if job.status == BackgroundJob.Status.QUEUED:
        return True
    return job.status == BackgroundJob.Status.RUNNING and job.heartbeat_at < timezone.now() - SILENT_AFTER


def report_progress(job, done, total=None, *, note=""):
    """Say how far a job is, inside the transaction of the step just done. Raises JobCancelled if it should stop."""
    BackgroundJob.objects.filter(pk=job.pk).update(
        done_count=done,
        total_count=total if total is not None else job.total_count,
        note=note,
        heartbeat_at=timezone.now(),
    )
    job.total_count = total if total is not None else job.total_count
    publish(f"job-{job.pk}")
    if BackgroundJob.objects.filter(pk=job.pk, cancel_asked_at__isnull=False).exists():
        raise JobCancelled


def _finish(clinic, job, status, *, result=None, error=""):
    with clinic_scope(clinic):
        job.status, job.result, job.error, job.finished_at = status, result, error, timezone.now()
        job.save(update_fields=["status", "result", "error", "finished_at", "updated_at"])
        record(f"clinics.job.{status.lower()}", job, by=job.started_by, after={"kind": job.kind})
        publish(f"job-{job.pk}")
        if job.started_by and status in (BackgroundJob.Status.DONE, BackgroundJob.Status.FAILED):
            text = _("%(title)s: done") if status == BackgroundJob.Status.DONE else _("%(title)s: failed")
            notify(job.started_by, "job", text % {"title": job.title}, url=job.result_url or job.get_absolute_url())


@transaction.atomic
def cancel_job(job, *, by):
    """Ask a job to stop at its next step; one that has not begun ends at once. Raises JobIsOver."""
    job = BackgroundJob.objects.select_for_update().get(pk=job.pk)
    if not job.is_unfinished:
        raise JobIsOver
    job.cancel_asked_at = timezone.now()
    if job.status == BackgroundJob.Status.QUEUED:
        job.status, job.finished_at = BackgroundJob.Status.CANCELLED, timezone.now()
    job.save(update_fields=["status", "cancel_asked_at", "finished_at", "updated_at"])
    record("clinics.job.cancel_asked", job, by=by)
    publish(f"job-{job.pk}")
    return job


@transaction.atomic
def retry_job(job, *, by):
    """Queue a failed or cancelled job again. Its work must be safe to repeat. Raises JobIsRunning."""
    job = BackgroundJob.objects.select_for_update().get(pk=job.pk)
    if job.is_unfinished or job.status == BackgroundJob.Status.DONE:
        raise JobIsRunning
    job.status, job.error, job.cancel_asked_at, job.finished_at = BackgroundJob.Status.QUEUED, "", None, None
    job.done_count, job.heartbeat_at = 0, timezone.now()
    job.save()
    record("clinics.job.retried", job, by=by)
    wake("clinics.tasks.run_job", job.pk)
    return job
