"""What came in: what could not be taken in and why, as it came, mended and sent through again."""

from uuid import UUID

from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from clinics.access import may, staff_page
from clinics.audit import record_read
from clinics.errors import RuleBroken
from clinics.pages import page, paginate, toast
from crm.forms.inquiries import CorrectionForm, InquiryFilter
from crm.inquiry_reading import lines_of_submission, understood
from crm.leaving_out import fields_left_out, take_over_without
from crm.models import LeadSubmission
from crm.submissions import ignore_submission, replay_submission, replay_submissions, restore_submission

Status = LeadSubmission.Status
STATES = {
    "failed": Status.FAILED,
    "received": Status.RECEIVED,
    "processed": Status.PROCESSED,
    "ignored": Status.IGNORED,
}


@require_GET
@staff_page("inquiry:read")
def inquiry_list(request):
    """What came in from outside, newest first; what waits for a person stands at the front."""
    state = request.GET.get("state", "failed")
    everything = LeadSubmission.objects.by_machine()
    shown = everything.in_state(STATES[state]) if state in STATES else everything
    found = InquiryFilter(request.GET, queryset=shown.for_list(), request=request)
    rows = paginate(request, found.qs)
    context = {
        "filter": found,
        "page": rows,
        "state": state,
        "counts": {"failed": everything.failed().count(), "received": everything.waiting().count()},
        "reason": request.GET.get("reason", "") if state == "failed" and rows else "",
    }
    return page(request, "crm/inquiry_list.html", context, part="inquiries")


@require_GET
@staff_page("inquiry:read")
def inquiry_detail(request, pk):
    """One inquiry exactly as it came, with what can be done about it; looking at it is on record."""
    submission = get_object_or_404(LeadSubmission.objects.for_list(), pk=pk)
    record_read(submission, by=request.member)
    return show_inquiry(request, submission)


def show_inquiry(request, submission, form=None, status=200):
    may_mend = may(request.member, "inquiry:update") and submission.can_be_mended
    if may_mend and form is None:
        form = CorrectionForm(initial=understood(submission), clinic=request.clinic)
    context = {
        "submission": submission,
        "lines": lines_of_submission(submission),
        "form": form if may_mend else None,
        "left_out": fields_left_out(submission),
    }
    return page(request, "crm/inquiry_detail.html", context, status=status)


@require_POST
@staff_page("inquiry:update")
def inquiry_replay(request, pk):
    """Send one through again with what was corrected."""
    submission = get_object_or_404(LeadSubmission.objects.for_list(), pk=pk)
    form = CorrectionForm(request.POST, clinic=request.clinic)
    if not form.is_valid():
        return show_inquiry(request, submission, form, status=422)
    try:
        replay_submission(submission, by=request.member, corrections=form.corrections)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return redirect("crm:inquiry_detail", pk)
    toast(request, _("Sent through again. It is taken in within a moment."))
    return redirect("crm:inquiry_list")


@require_POST
@staff_page("inquiry:update")
def inquiry_replay_many(request):
    """Send the chosen ones through again, or all that wait for one reason."""
    waiting = LeadSubmission.objects.by_machine()
    if request.POST.get("all"):
        waiting = waiting.failed().because_of(request.POST["all"])
    else:
        waiting = waiting.chosen(ids_in(request.POST.getlist("ids")))
    count = replay_submissions(waiting, by=request.member)
    words = ngettext("%(count)s inquiry is sent through again.", "%(count)s inquiries are sent through again.", count)
    toast(request, words % {"count": count})
    return redirect("crm:inquiry_list")


@require_POST
@staff_page("inquiry:update")
def inquiry_take_over(request):
    """Take the chosen ones, or all that wait for this reason, over without the fields that the clinic does not keep."""
    waiting = LeadSubmission.objects.by_machine()
    if "all" not in request.POST:
        waiting = waiting.chosen(ids_in(request.POST.getlist("ids")))
    count = take_over_without(waiting, by=request.member)
    words = ngettext("%(count)s inquiry is taken over.", "%(count)s inquiries are taken over.", count)
    toast(request, words % {"count": count})
    return redirect("crm:inquiry_list")


def ids_in(texts):
    """The ids among what was sent; whatever is none is passed over, as an id that nobody has would be."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


@require_POST
@staff_page("inquiry:update")
def inquiry_ignore(request, pk):
    """Set one aside that is no inquiry."""
    submission = get_object_or_404(LeadSubmission, pk=pk)
    try:
        ignore_submission(submission, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return redirect("crm:inquiry_detail", pk)
    toast(request, _("Set aside."), undo=("crm:inquiry_restore", pk))
    return redirect("crm:inquiry_list")


@require_POST
@staff_page("inquiry:update")
def inquiry_restore(request, pk):
    """Take one back that was set aside."""
    submission = get_object_or_404(LeadSubmission, pk=pk)
    try:
        restore_submission(submission, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
    else:
        toast(request, _("Back in the list."))
    return redirect("crm:inquiry_detail", pk)
