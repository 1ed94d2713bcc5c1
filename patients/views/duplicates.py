from uuid import UUID

from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import staff_page
from clinics.audit import record_read
from clinics.errors import RuleBroken
from clinics.jobs import start_job
from clinics.pages import go_to, page, paginate, toast
from clinics.same_person.words import in_words
from patients.duplicates.merge_choices import choices_between
from patients.duplicates.merging import merge_patients, merges_to_undo, undo_merge
from patients.duplicates.moving import counts_of
from patients.duplicates.near import near_to
from patients.duplicates.reviewing import dismiss_pair, next_open, pair_of, reopen_pair
from patients.filters import PairFilter
from patients.models import Patient, PatientMerge, PatientPair
from patients.views.showing import on_patient


@require_GET
@staff_page("patient:merge")
def patient_pair_list(request):
    """Pairs of patients who may be one person, the likeliest first."""
    asked = request.GET.copy()
    asked.setdefault("status", PatientPair.Status.OPEN)
    found = PairFilter(asked, queryset=PatientPair.objects.for_list(), request=request)
    pairs = paginate(request, found.qs)
    rows = [(pair, in_words(pair.reasons)) for pair in pairs]
    context = {"filter": found, "page": pairs, "rows": rows, "status": asked["status"]}
    return page(request, "patients/patient_pair_list.html", context, part="duplicate-rows")


@require_GET
@staff_page("patient:merge")
def patient_pair_detail(request, pk):
    """Two patients side by side: what differs, what would stay, and what would move."""
    pair = get_object_or_404(PatientPair.objects.for_list(), pk=pk)
    return show_pair(request, pair, survivor_id=request.GET.get("keep"))


def show_pair(request, pair, *, survivor_id=None, chosen=None, error=None, status=200):
    people = [pair.one, pair.other]
    people.sort(key=lambda each: (str(each.pk) != survivor_id, -each.visit_count, each.created_at))
    survivor, other = people
    for patient in people:
        record_read(patient, by=request.member)
    context = {
        "pair": pair,
        "survivor": survivor,
        "other": other,
        "reasons": in_words(pair.reasons),
        "choices": choices_between(survivor, other, chosen),
        "moving": counts_of(other),
        "may_merge": pair.status != "MERGED" and not (survivor.deleted_at or other.deleted_at),
        "error": error,
    }
    return page(request, "patients/patient_pair_detail.html", context, status=status)


@require_POST
@staff_page("patient:merge")
def patient_pair_merge(request, pk):
    """Merge the two patients of a pair as it was chosen, field by field."""
    pair = get_object_or_404(PatientPair.objects.for_list(), pk=pk)
    survivor, other = (pair.one, pair.other) if request.POST.get("keep") == str(pair.one_id) else (pair.other, pair.one)
    chosen = {name.removeprefix("take_"): side for name, side in request.POST.items() if name.startswith("take_")}
    seen = [int(text) if text.isdigit() else None for text in request.POST.get("versions", "").split("-")]
    versions = seen if len(seen) == 2 else None
    try:
        merge = merge_patients(survivor, other, by=request.member, choices=chosen, versions=versions)
    except RuleBroken as broken:
        pair = PatientPair.objects.for_list().get(pk=pair.pk)
        return show_pair(request, pair, survivor_id=str(survivor.pk), chosen=chosen, error=broken, status=409)
    words = {"other": other, "survivor": merge.survivor}
    toast(request, _("%(other)s is part of %(survivor)s now.") % words, undo=("patients:patient_merge_undo", merge.pk))
    return redirect(merge.survivor)


@require_POST
@staff_page("patient:merge")
def patient_pair_dismiss(request, pk):
    """These two are two people, a family for instance: nobody is asked about them again."""
    pair = get_object_or_404(PatientPair.objects.for_list(), pk=pk)
    try:
        dismiss_pair(pair, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return redirect(pair)
    words = _("These are two people. Nobody is asked about them again.")
    toast(request, words, undo=("patients:patient_pair_reopen", pair.pk))
    following = next_open()
    return redirect(following) if following else redirect("patients:patient_pair_list")


@require_POST
@staff_page("patient:merge")
def patient_pair_reopen(request, pk):
    """Take back what was decided on a pair."""
    pair = get_object_or_404(PatientPair, pk=pk)
    try:
        reopen_pair(pair, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return go_to(request, pair.get_absolute_url())


@require_POST
@staff_page("patient:merge")
def patient_pair_sweep(request):
    """Look for patients who are here twice now, in the background."""
    title = _("Looking for patients who are here twice")
    return redirect(start_job("patients.duplicate_sweep", title=title, by=request.member))


@require_http_methods(["GET", "POST"])
@staff_page("patient:merge")
@on_patient
def patient_merge(request, patient):
    """Who may be the same person as this patient, whom to put beside them, and the merges that can be taken back."""
    if request.method == "POST" and (other := _beside(request.POST.get("other"))) and other != patient:
        return redirect(pair_of(patient, other))
    record_read(patient, by=request.member)
    text = request.GET.get("q", "")
    near = [(other, in_words(comparison.reasons)) for other, comparison in near_to(patient, text)]
    context = {"patient": patient, "near": near, "text": text, "merges": merges_to_undo(patient)}
    return page(request, "patients/patient_merge.html", context, part="near")


@require_POST
@staff_page("patient:merge")
def patient_merge_undo(request, pk):
    """Make two patients of a merged one again."""
    merge = get_object_or_404(PatientMerge.objects.for_list(), pk=pk)
    try:
        survivor, other, kept = undo_merge(merge, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return go_to(request, merge.survivor.get_absolute_url())
    words = _("%(other)s and %(survivor)s are two patients again.") % {"other": other, "survivor": survivor}
    if kept:
        words += " " + ngettext(
            "One field was changed since and stays: %(fields)s.",
            "Some fields were changed since and stay: %(fields)s.",
            len(kept),
        ) % {"fields": ", ".join(kept)}
    toast(request, words)
    return go_to(request, survivor.get_absolute_url())


def _beside(text):
    try:
        return Patient.objects.present().filter(pk=UUID(text or "")).first()
    except ValueError:
        return None
