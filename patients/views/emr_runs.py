from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.csv_export import csv_stream
from clinics.errors import RuleBroken
from clinics.pages import go_to, page, paginate, toast
from patients.emr.showing_runs import csv_head, csv_rows, run_facts
from patients.emr.sweeping import allow_sweep
from patients.emr.undoing import undo_run
from patients.emr.undoing_sweeps import start_sweep_undo
from patients.models import EmrIssue, EmrRun


@require_GET
@staff_page("clinic:configure")
def emr_run_list(request):
    """Every pass over what an EMR told, newest first."""
    context = {"page": paginate(request, EmrRun.objects.for_list())}
    return page(request, "patients/emr_run_list.html", context, part="emr-runs")


@require_GET
@staff_page("clinic:configure")
def emr_run_detail(request, pk):
    """One run: its counts by type, how long it took, what went wrong, and what was not simply taken."""
    run = get_object_or_404(EmrRun.objects.for_list(), pk=pk)
    return page(request, "patients/emr_run_detail.html", run_facts(run), part="emr-run")


@require_GET
@staff_page("clinic:configure")
def emr_run_csv(request, pk):
    """What a run did not simply take, with the reason, as CSV."""
    run = get_object_or_404(EmrRun, pk=pk)
    issues = EmrIssue.objects.of_run(run).select_related("clinic")
    return csv_stream(_("not taken") + ".csv", csv_head(), csv_rows(issues))


@require_POST
@staff_page("clinic:configure")
def emr_run_allow(request, pk):
    """What a run found to be missing is gone indeed: it goes on."""
    run = get_object_or_404(EmrRun.objects.sweeps(), pk=pk)
    return _act(request, run, allow_sweep, _("It goes on. What is missing is asked for one by one."))


@require_POST
@staff_page("clinic:configure")
def emr_sweep_undo(request, pk):
    """Put back what a run took away because it was deleted there."""
    run = get_object_or_404(EmrRun.objects.sweeps(), pk=pk)
    return _act(request, run, start_sweep_undo, _("It is being put back."))


def _act(request, run, verb, words):
    try:
        verb(run, by=request.member)
        toast(request, words)
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return go_to(request, run.get_absolute_url())


@require_POST
@staff_page("clinic:configure")
def emr_run_undo(request, pk):
    """Take back what a person decided."""
    run = get_object_or_404(EmrRun.objects.decided_by_people(), pk=pk)
    try:
        undo_run(run, by=request.member)
        toast(request, _("Taken back. It waits again."))
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return go_to(request, reverse("patients:emr_issue_list"))
