"""Background jobs: started on a page, worked off by Celery, watched, cancelled, retried, and read afterwards."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.audit import record
from clinics.background import wake
from clinics.errors import RuleBroken
from clinics.live import publish
from clinics.models import BackgroundJob, Role
from clinics.notifications import language_of, notify
from clinics.tenancy import clinic_scope

log = structlog.get_logger("recare.jobs")
SILENT_AFTER = timedelta(minutes=2)
MOST_INTERRUPTIONS = 5


class JobIsOver(RuleBroken):
    message = gettext_lazy("This job has ended already.")


class JobIsRunning(RuleBroken):
    message = gettext_lazy("This job has not ended yet.")


class JobCancelled(Exception):
    """Raised inside a job's work when somebody asked it to stop."""


class JobTaken(Exception):
    """Raised inside a job's work when another worker has taken the job over, since this one was silent for so long."""


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
    publish("jobs")
    wake("clinics.tasks.run_job", job.pk)
    return job


def may_steer(job, member):
    """Tell whether a member may cancel or retry a job: whoever started it, and clinic admins."""
    return job.started_by_id == member.pk or member.role == Role.CLINIC_ADMIN


def run_job(clinic, job_id):
    """Work a queued job off. Each step commits for itself, so that progress shows and a killed worker loses one step.

    A job that another worker has claimed is left alone; so is one that has ended. When the database goes away the job
    stays as it is, and is taken up again two minutes later.
    """
    with clinic_scope(clinic):
        job = _claim(job_id)
        if job is None:
            return
        work = import_string(import_string(settings.JOBS)[job.kind])
        language = _language_of(job)
    with translation.override(language):
        _work(clinic, job, work)


def _claim(job_id):
    """Take a free job for this worker; None if it is not free, or ends right here."""
    jobs = BackgroundJob.objects.unfinished().select_for_update(of=("self",), skip_locked=True)
    job = jobs.select_related("started_by__user", "clinic").filter(pk=job_id).first()
    was_running = job is not None and job.status == BackgroundJob.Status.RUNNING
    if job is None or (was_running and job.heartbeat_at > timezone.now() - SILENT_AFTER):
        return None
    if job.cancel_asked_at:
        return _finish(job, BackgroundJob.Status.CANCELLED)
    if was_running and job.attempts % MOST_INTERRUPTIONS == 0:  # it may be the job that kills its workers
        return _finish(
            job,
            BackgroundJob.Status.FAILED,
            error=gettext_lazy("The work was interrupted several times. You can try again."),
        )
    job.status, job.attempts, job.heartbeat_at = BackgroundJob.Status.RUNNING, job.attempts + 1, timezone.now()
    job.save(update_fields=["status", "attempts", "heartbeat_at", "updated_at"])
    publish(f"job-{job.pk}", "jobs")
    return job


def _work(clinic, job, work):
    result, error, status = None, "", BackgroundJob.Status.DONE
    try:
        result = work(clinic, job)
    except JobTaken:
        return
    except (OperationalError, InterfaceError):
        raise
    except JobCancelled:
        status = BackgroundJob.Status.CANCELLED
    except RuleBroken as broken:
        status, error = BackgroundJob.Status.FAILED, str(broken)
    except Exception as problem:  # a job never dies silently: its page says that it failed, the log says where
        log.exception("job failed", job_id=str(job.pk), kind=job.kind, error=type(problem).__name__)
        status, error = BackgroundJob.Status.FAILED, _("Something went wrong on our side. You can try again.")
    with clinic_scope(clinic):
        if BackgroundJob.objects.select_for_update().held_by(job).exists():
            _finish(job, status, result=result, error=error)


def report_progress(job, done, total=None, *, note=""):
    """Say how far a job is, inside the transaction of the step just done, which must take less than two minutes.

    Raises JobCancelled if it should stop, JobTaken if another worker has the job now: both take the step back.
    """
    job.done_count, job.note = done, note
    job.total_count = total if total is not None else job.total_count
    is_held = BackgroundJob.objects.held_by(job).update(
        done_count=done, total_count=job.total_count, note=note, heartbeat_at=timezone.now()
    )
    if not is_held:
        raise JobTaken
    if BackgroundJob.objects.filter(pk=job.pk, cancel_asked_at__isnull=False).exists():
        raise JobCancelled
    publish(f"job-{job.pk}")


def _language_of(job):
    return language_of(job.started_by) if job.started_by else job.clinic.language


def _finish(job, status, *, result=None, error=""):
    with translation.override(_language_of(job)):
        _write_end(job, status, result, str(error))


def _write_end(job, status, result, error):
    job.status, job.result, job.error, job.finished_at = status, result, error, timezone.now()
    job.save(update_fields=["status", "result", "error", "finished_at", "updated_at"])
    record(f"clinics.job.{status.lower()}", job, by=job.started_by, after={"kind": job.kind})
    publish(f"job-{job.pk}", "jobs")
    if job.started_by and status != BackgroundJob.Status.CANCELLED:
        text = _("%(title)s: done") if status == BackgroundJob.Status.DONE else _("%(title)s: failed")
        is_readable = status == BackgroundJob.Status.DONE and job.result_url
        url = job.result_url if is_readable else job.get_absolute_url()
        notify(job.started_by, "job", text % {"title": job.title}, url=url)


@transaction.atomic
def cancel_job(job, *, by):
    """Ask a job to stop at its next step; one that has not begun ends at once. Raises JobIsOver."""
    job = BackgroundJob.objects.select_for_update().get(pk=job.pk)
    if not job.is_unfinished:
        raise JobIsOver
    job.cancel_asked_at = job.cancel_asked_at or timezone.now()
    if job.status == BackgroundJob.Status.QUEUED:
        job.status, job.finished_at = BackgroundJob.Status.CANCELLED, timezone.now()
    job.save(update_fields=["status", "cancel_asked_at", "finished_at", "updated_at"])
    record("clinics.job.cancel_asked", job, by=by)
    publish(f"job-{job.pk}", "jobs")
    return job


@transaction.atomic
def retry_job(job, *, by):
    """Queue a failed or cancelled job again. Its work must be safe to repeat. Raises JobIsRunning, JobIsOver."""
    job = BackgroundJob.objects.select_for_update().get(pk=job.pk)
    if job.is_unfinished:
        raise JobIsRunning
    if not job.is_repeatable:
        raise JobIsOver
    job.status, job.error, job.cancel_asked_at, job.finished_at = BackgroundJob.Status.QUEUED, "", None, None
    job.done_count, job.note, job.heartbeat_at = 0, "", timezone.now()
    job.save()
    record("clinics.job.retried", job, by=by)
    publish(f"job-{job.pk}", "jobs")
    wake("clinics.tasks.run_job", job.pk)
    return job
