from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.jobs import cancel_job, may_steer, retry_job
from clinics.models import BackgroundJob
from clinics.pages import page, paginate, part, toast


@require_GET
@staff_page("job:read")
def job_list(request):
    """The clinic's background jobs, newest first, while they run and afterwards."""
    context = {"page": paginate(request, BackgroundJob.objects.for_list())}
    return page(request, "clinics/job_list.html", context, part="job-rows")


@require_GET
@staff_page("job:read")
def job_detail(request, pk):
    """One job: how far it is, what came of it, and how to stop or repeat it."""
    job = get_object_or_404(BackgroundJob.objects.for_list(), pk=pk)
    return page(request, "clinics/job_detail.html", _shown(request, job), part="job-panel")


@require_POST
@staff_page("job:read")
def job_cancel(request, pk):
    """Ask a job to stop."""
    return _steer(request, pk, cancel_job, _("The job stops after the step in hand."))


@require_POST
@staff_page("job:read")
def job_retry(request, pk):
    """Start a failed or cancelled job again."""
    return _steer(request, pk, retry_job, _("The job starts again."))


def _steer(request, pk, verb, message):
    job = get_object_or_404(BackgroundJob.objects.for_list(), pk=pk)
    if not may_steer(job, request.member):
        raise PermissionDenied
    status = 200
    try:
        verb(job, by=request.member)
        toast(request, message)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        status = 409
    job = BackgroundJob.objects.for_list().get(pk=pk)
    context = _shown(request, job)
    return part(request, "clinics/job_detail.html#job-panel", context, otherwise=job.get_absolute_url(), status=status)


def _shown(request, job):
    return {"job": job, "may_steer": may_steer(job, request.member), "facts": _facts(job)}


def _facts(job):
    """The result as label and value: what the work counted, in the words of its keys."""
    result = job.result if isinstance(job.result, dict) else {}
    return [
        {"label": _(key.replace("_", " ").capitalize()), "value": str(value)}
        for key, value in result.items()
        if key != "file" and isinstance(value, (str, int, float)) and not isinstance(value, bool)
    ]
