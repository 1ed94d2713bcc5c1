"""Long lists as files: made in the background, handed out to whoever asked for them alone, removed after a week.

They go at once when somebody is erased who may stand in them; whoever still needs one makes it anew.
"""

import tempfile
from datetime import timedelta

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.csv_export import csv_lines
from clinics.documents.removing import remove_files
from clinics.jobs import report_progress, start_job
from clinics.models import BackgroundJob
from clinics.tenancy import clinic_scope

SENT_AT_ONCE = 20_000
ROWS_AT_ONCE = 2000
KEPT_FOR = timedelta(days=7)
ERASED = _("Somebody who stood in this list was erased, so the file was removed. Start it again.")


def start_file(kind, *, title, parameters, page, by):
    """Queue the job `kind` that makes a file; `page` names the address that hands it out. Returns the job."""
    job = start_job(kind, title=title, by=by, parameters=parameters)
    job.result_url = reverse(page, args=[job.pk])
    job.save(update_fields=["result_url", "updated_at"])
    return job


def make_file(clinic, job, ids, header, rows_of):
    """Write the rows that `rows_of(ids)` yields into a file, a block a transaction; returns the result of the job.

    Begun anew if it was killed. Raises what report_progress raises.
    """
    with tempfile.TemporaryFile("w+b") as made:
        made.writelines(line.encode() for line in csv_lines(header, []))
        for start in range(0, len(ids), ROWS_AT_ONCE):
            with clinic_scope(clinic):
                _mark, *lines = csv_lines([], rows_of(ids[start : start + ROWS_AT_ONCE]))
                made.writelines(line.encode() for line in lines)
                report_progress(job, min(start + ROWS_AT_ONCE, len(ids)), len(ids))
        made.seek(0)
        name = default_storage.save(f"exports/{clinic.pk}/{job.pk.hex}.csv", File(made))
    return {"rows": len(ids), "file": name}


def file_of_job(pk, kind, *, by, name):
    """Answer with the file that a job has made, for whoever asked for it; 404 for others. `name` has a %(day)s.

    Where the file was withdrawn, the page of the job says why.
    """
    ended = [BackgroundJob.Status.DONE, BackgroundJob.Status.CANCELLED]
    job = get_object_or_404(BackgroundJob, pk=pk, kind=kind, started_by=by, status__in=ended)
    if job.status == BackgroundJob.Status.CANCELLED:
        return redirect(job)
    if not default_storage.exists(job.result.get("file", "no such file")):
        raise Http404
    name = name % {"day": timezone.localtime(job.finished_at).date().isoformat()}
    file = default_storage.open(job.result["file"], "rb")
    response = FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    return response


def remove_old_files(kind):
    """Take away the files of the open clinic that jobs of a kind made more than a week ago; returns how many."""
    old = BackgroundJob.objects.filter(kind=kind, finished_at__lt=timezone.now() - KEPT_FOR, result__has_key="file")
    for job in old:
        default_storage.delete(job.result["file"])
        job.result = {"rows": job.result["rows"]}
        job.save(update_fields=["result", "updated_at"])
    return len(old)


def withdraw_files(*kinds):
    """Take away all files of some kinds of the open clinic, since somebody in them was erased; returns how many.

    The files go once the transaction stands. What is just being made stops. The page of each job makes its file anew.
    """
    jobs = BackgroundJob.objects.filter(kind__in=kinds)
    jobs.filter(status=BackgroundJob.Status.RUNNING).update(cancel_asked_at=timezone.now(), updated_at=timezone.now())
    made = list(jobs.filter(status=BackgroundJob.Status.DONE, result__has_key="file").select_for_update(of=("self",)))
    remove_files(*(job.result["file"] for job in made))
    for job in made:
        job.status, job.error, job.result = BackgroundJob.Status.CANCELLED, str(ERASED), {"rows": job.result["rows"]}
        job.save(update_fields=["status", "error", "result", "updated_at"])
    return len(made)
