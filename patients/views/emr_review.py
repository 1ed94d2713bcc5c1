from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import go_to, page, paginate, toast
from patients.emr.reviewing import decide
from patients.emr.showing_runs import described, issue_facts
from patients.models import EmrIssue, Patient

AT_ONCE = 200


@require_GET
@staff_page("clinic:configure")
def emr_issue_list(request):
    """What waits for a person, by kind; with ?decided what people decided, newest first."""
    kind = request.GET.get("kind", "")
    is_decided = "decided" in request.GET
    issues = EmrIssue.objects.decided_by_people() if is_decided else EmrIssue.objects.open().of_kind(kind)
    shown = paginate(request, issues.for_list().order_by("-id"))
    shown.object_list = described(shown.object_list)
    context = {"page": shown, "kind": kind, "is_decided": is_decided, "tabs": EmrIssue.objects.kinds_waiting()}
    return page(request, "patients/emr_issue_list.html", context, part="emr-issues")


@require_GET
@staff_page("clinic:configure")
def emr_issue_detail(request, pk):
    """One of them: both sides, who may be meant, and the answers."""
    issue = get_object_or_404(EmrIssue.objects.for_list(), pk=pk)
    return page(request, "patients/emr_issue_detail.html", issue_facts(issue, request.GET.get("q", "")))


@require_POST
@staff_page("clinic:configure")
def emr_issue_decide(request, pk):
    """Answer it: take theirs, keep ours, it is this patient, take it as new, leave it out."""
    issue = get_object_or_404(EmrIssue.objects.for_list(), pk=pk)
    chosen = request.POST.get("patient")
    patient = get_object_or_404(Patient.objects.present(), pk=chosen) if chosen else None
    try:
        run = decide([issue], request.POST.get("answer", ""), by=request.member, patient=patient)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        issue = get_object_or_404(EmrIssue.objects.for_list(), pk=pk)
        return page(request, "patients/emr_issue_detail.html", issue_facts(issue), status=409)
    toast(request, _("Decided."), undo=("patients:emr_run_undo", run.pk))
    return go_to(request, reverse("patients:emr_issue_list"))


@require_POST
@staff_page("clinic:configure")
def emr_issue_bulk(request):
    """Answer several of one connection and kind in the same way."""
    answer = request.POST.get("answer", "")
    issues = list(EmrIssue.objects.open().chosen(request.POST.getlist("issue")[:AT_ONCE]))
    try:
        run = decide(issues, answer, by=request.member)
        words = ngettext("%(n)d decided.", "%(n)d decided.", len(issues)) % {"n": len(issues)}
        toast(request, words, undo=("patients:emr_run_undo", run.pk))
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return go_to(request, reverse("patients:emr_issue_list"))
