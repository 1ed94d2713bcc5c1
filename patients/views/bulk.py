from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from clinics.access import may, staff_page
from clinics.csv_export import csv_stream
from clinics.errors import RuleBroken
from clinics.jobs import may_steer
from clinics.pages import go_to, page, paginate, part, toast, trigger
from patients.bulk import start_bulk, undo_bulk
from patients.bulk_acts import ACTS, Kind
from patients.forms.bulk import FORMS, PatientsForm
from patients.models import PatientAct, PatientActRow

HEADER = [gettext_lazy("Patient"), gettext_lazy("Phone"), gettext_lazy("E-mail"), gettext_lazy("Outcome")]
HEADER += [gettext_lazy("Reason")]


@require_POST
@staff_page("patient:update")
def patient_bulk_run(request, kind):
    """Do one thing to the patients that were ticked, or to all that match: a few at once, many in the background."""
    kind = _kind_of(kind)
    selection, form = PatientsForm(request.POST), FORMS[kind](request.POST)
    if not selection.is_valid() or not form.is_valid():
        return _refuse(request, selection, _first_error(selection, form), status=422)
    _check_may(request, ACTS[kind].permission)
    if selection.chosen.query is not None:
        _check_may(request, "patient:bulk")
    try:
        key = selection.cleaned_data["key"]
        done = start_bulk(kind, selection.chosen, form.facts, by=request.member, key=key)
    except RuleBroken as rule:
        return _refuse(request, selection, rule)
    if done.job is not None:
        return go_to(request, done.get_absolute_url())
    _report(request, done)
    return _answer(request, selection)


@require_GET
@staff_page("patient:read")
def patient_bulk_detail(request, pk):
    """What became of an act on many patients: how far it is, who was left out and why, and the way to take it back."""
    act = get_object_or_404(PatientAct.objects.for_page(), pk=pk)
    rows = PatientActRow.objects.of_act(act).remarkable().for_list()
    context = {
        "act": act,
        "page": paginate(request, rows),
        "may_undo": act.may_be_undone and may(request.member, ACTS[act.kind].permission),
        "may_steer": act.is_at_work and may_steer(act.job, request.member),
    }
    return page(request, "patients/patient_bulk_detail.html", context, part="bulk-state")


@require_POST
@staff_page("patient:update")
def patient_bulk_undo(request, pk):
    """Take an act on many patients back, from its toast or its page."""
    act = get_object_or_404(PatientAct.objects.for_page(), pk=pk)
    _check_may(request, ACTS[act.kind].permission)
    try:
        act = undo_bulk(act, by=request.member)
    except RuleBroken as rule:
        toast(request, rule, level="error")
        return part(request, "patients/_bulk_done.html", {"act": act}, otherwise=act, status=409)
    if act.is_at_work:
        return go_to(request, act.get_absolute_url())
    text = ngettext("%(n)s patient is as before.", "%(n)s patients are as before.", act.undone_count)
    kept = ngettext("%(n)s was changed since and stays.", "%(n)s were changed since and stay.", act.kept_count)
    words = [text % {"n": act.undone_count}, *([kept % {"n": act.kept_count}] if act.kept_count else [])]
    toast(request, " ".join(words))
    return trigger(part(request, "patients/_bulk_done.html", {"act": act}, otherwise=act), "patients-changed")


@require_GET
@staff_page("patient:export")
def patient_bulk_csv(request, pk):
    """Every patient of an act with what became of them and why, as a file."""
    act = get_object_or_404(PatientAct, pk=pk)
    rows = PatientActRow.objects.of_act(act).for_list()
    return csv_stream(_("act on many patients") + ".csv", [str(words) for words in HEADER], _csv_rows(rows))


def _csv_rows(rows):
    for row in rows.iterator(chunk_size=500):
        patient = row.patient
        phone = patient.phone_e164 or patient.phone
        yield [patient.display_name, phone, patient.email, row.get_outcome_display(), row.reason]


def _kind_of(word):
    try:
        return Kind(word.upper())
    except ValueError as error:
        raise Http404 from error


def _check_may(request, code):
    if not may(request.member, code):
        raise PermissionDenied


def _first_error(*forms):
    return next(str(message) for form in forms for messages in form.errors.values() for message in messages)


def _report(request, act):
    done = ngettext("%(act)s: done.", "%(act)s: %(n)s done.", act.done_count) % {"act": act.title, "n": act.done_count}
    if not act.done_count:
        done = _("Nothing was changed.")
    skipped = ngettext("%(n)s left out: %(why)s", "%(n)s left out, the first because: %(why)s", act.skipped_count)
    words = [done]
    if act.skipped_count:
        reason = PatientActRow.objects.of_act(act).remarkable().for_list().values_list("reason", flat=True).first()
        words.append(skipped % {"n": act.skipped_count, "why": reason})
    undo = ("patients:patient_bulk_undo", act.pk) if act.done_count else None
    toast(request, " ".join(words), undo=undo, level="info" if act.done_count else "error")


def _refuse(request, selection, rule, *, status=409):
    toast(request, rule, level="error")
    return _answer(request, selection, status=status)


def _answer(request, selection, *, status=200):
    """To htmx the news that patients changed, so that their list draws itself anew; else the page one came from."""
    if not request.htmx:
        back = selection.data.get("back", "")
        is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
        return redirect(back if is_ours else "patients:patient_list")
    response = part(request, "patients/_bulk_done.html", {}, status=status)
    return trigger(response, "dialog:close", *(["patients-changed"] if status == 200 else []))
