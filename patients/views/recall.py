from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import close_dialog, page, paginate, part, toast
from patients.filters import RecallFilter
from patients.forms.recall import AskedForm
from patients.models import Patient, RecallContact, RecallOutcome
from patients.recall import due_families, families_of, mark_asked, undo_asked


@require_GET
@staff_page("patient:read")
def recall_list(request):
    """Who should come again and is not booked, one line a family, the most urgent first; or who was asked and rests."""
    is_resting, today = request.GET.get("view") == "resting", timezone.localdate()
    patients = Patient.objects.resting(today) if is_resting else Patient.objects.due_again(today)
    narrowed = RecallFilter(request.GET, queryset=patients, request=request)
    families = paginate(request, due_families(narrowed.qs), size=30)
    context = {"filter": narrowed, "page": families, "families": families_of(list(families), narrowed.qs)}
    context |= {"is_resting": is_resting, "outcomes": RecallOutcome.choices}
    return page(request, "patients/recall_list.html", context, part="recall")


@require_POST
@staff_page("patient:update")
def recall_ask(request, pk):
    """A family was asked: all of them who are due leave the list for a while."""
    patient = get_object_or_404(Patient.objects.present(), pk=pk)
    form = AskedForm(request.POST)
    if not form.is_valid():
        return _refuse(request, _("Say how they were asked."), status=422)
    facts = form.cleaned_data
    try:
        asked = mark_asked(
            patient.household_id or patient.pk,
            channel=facts["channel"],
            outcome=facts["outcome"],
            by=request.member,
            message=facts["key"],
        )
    except RuleBroken as broken:
        return _refuse(request, broken)
    text = ngettext("%(n)s patient rests until %(day)s.", "%(n)s patients rest until %(day)s.", len(asked))
    day = date_format(asked[0].rests_until, "SHORT_DATE_FORMAT")
    toast(request, text % {"n": len(asked), "day": day}, undo=("patients:recall_undo", asked[0].pk))
    return _answer(request)


@require_POST
@staff_page("patient:update")
def recall_undo(request, pk):
    """Put whoever was asked back on the list, from the toast."""
    contact = get_object_or_404(RecallContact.objects.all(), pk=pk)
    try:
        undo_asked(contact.family, by=request.member)
    except RuleBroken as broken:
        return _refuse(request, broken)
    toast(request, _("Back on the list."))
    return _answer(request)


def _refuse(request, words, *, status=409):
    toast(request, words, level="error")
    return part(request, "parts/_bulk_done.html", {}, otherwise="patients:recall_list", status=status)


def _answer(request):
    """To htmx the news that the list is another one now; else the way back to it."""
    return close_dialog(request, "recall-changed") if request.htmx else redirect("patients:recall_list")
