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
from crm.duplicates.merge_choices import choices_between, counts_of, rows_to_move
from crm.duplicates.merging import merge_leads, merges_to_undo, undo_merge
from crm.duplicates.near import near_to
from crm.duplicates.reviewing import dismiss_pair, keep_as_household, next_open, pair_of, reopen_pair
from crm.forms.duplicates import DuplicateFilter
from crm.matching import person_beside
from crm.models import DuplicatePair, LeadMerge
from crm.views.showing import on_lead


@require_GET
@staff_page("lead:merge")
def duplicate_list(request):
    """Pairs of leads that may be one person, the likeliest first."""
    asked = request.GET.copy()
    asked.setdefault("status", DuplicatePair.Status.OPEN)
    found = DuplicateFilter(asked, queryset=DuplicatePair.objects.for_list(), request=request)
    pairs = paginate(request, found.qs)
    rows = [(pair, in_words(pair.reasons)) for pair in pairs]
    context = {"filter": found, "page": pairs, "rows": rows, "status": asked["status"]}
    return page(request, "crm/duplicate_list.html", context, part="duplicate-rows")


@require_GET
@staff_page("lead:merge")
def duplicate_detail(request, pk):
    """Two leads side by side: what differs, what would stay, and what would move."""
    pair = get_object_or_404(DuplicatePair.objects.for_list(), pk=pk)
    return show_pair(request, pair, survivor_id=request.GET.get("keep"))


def show_pair(request, pair, *, survivor_id=None, chosen=None, error=None, status=200):
    leads = [pair.one, pair.other]
    leads.sort(key=lambda lead: (str(lead.pk) != survivor_id, not lead.is_open, lead.captured_at))
    survivor, other = leads
    for lead in leads:
        record_read(lead, by=request.member)
    moving = rows_to_move(other, survivor)
    context = {
        "pair": pair,
        "survivor": survivor,
        "other": other,
        "reasons": in_words(pair.reasons),
        "choices": choices_between(survivor, other, chosen),
        "moving": counts_of(moving),
        "may_merge": pair.status != "MERGED" and not (survivor.is_locked or other.is_locked),
        "error": error,
    }
    return page(request, "crm/duplicate_detail.html", context, status=status)


@require_POST
@staff_page("lead:merge")
def duplicate_merge(request, pk):
    """Merge the two leads of a pair as it was chosen, field by field."""
    pair = get_object_or_404(DuplicatePair.objects.for_list(), pk=pk)
    survivor, other = (pair.one, pair.other) if request.POST.get("keep") == str(pair.one_id) else (pair.other, pair.one)
    chosen = {name.removeprefix("take_"): side for name, side in request.POST.items() if name.startswith("take_")}
    seen = [int(text) if text.isdigit() else None for text in request.POST.get("versions", "").split("-")]
    versions = seen if len(seen) == 2 else None
    try:
        merge = merge_leads(survivor, other, by=request.member, choices=chosen, versions=versions)
    except RuleBroken as broken:
        pair = DuplicatePair.objects.for_list().get(pk=pair.pk)
        return show_pair(request, pair, survivor_id=str(survivor.pk), chosen=chosen, error=broken, status=409)
    words = {"other": other, "survivor": merge.survivor}
    toast(request, _("%(other)s is part of %(survivor)s now.") % words, undo=("crm:lead_merge_undo", merge.pk))
    return go_on(request)


def go_on(request):
    """To the next pair that waits, or to the list when nobody does."""
    pair = next_open()
    return redirect("crm:duplicate_detail", pair.pk) if pair else redirect("crm:duplicate_list")


@require_POST
@staff_page("lead:merge")
def duplicate_dismiss(request, pk):
    return decide(request, pk, dismiss_pair, _("These are two people. Nobody is asked about them again."))


@require_POST
@staff_page("lead:merge")
def duplicate_household(request, pk):
    return decide(request, pk, keep_as_household, _("These are two people of one household."))


def decide(request, pk, verb, words):
    pair = get_object_or_404(DuplicatePair.objects.for_list(), pk=pk)
    try:
        verb(pair, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return redirect("crm:duplicate_detail", pair.pk)
    toast(request, words, undo=("crm:duplicate_reopen", pair.pk))
    return go_on(request)


@require_POST
@staff_page("lead:merge")
def duplicate_reopen(request, pk):
    """Take back what was decided on a pair."""
    pair = get_object_or_404(DuplicatePair, pk=pk)
    try:
        reopen_pair(pair, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return go_to(request, pair.get_absolute_url())


@require_POST
@staff_page("lead:merge")
def duplicate_sweep(request):
    """Look for duplicates now, in the background."""
    job = start_job("crm.duplicate_sweep", title=_("Looking for duplicates"), by=request.member)
    return redirect(job)


@require_POST
@staff_page("lead:merge")
def lead_merge_undo(request, pk):
    """Make two leads of a merged one again."""
    merge = get_object_or_404(LeadMerge, pk=pk)
    try:
        survivor, other, kept = undo_merge(merge, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return go_to(request, merge.survivor.get_absolute_url())
    words = _("%(other)s and %(survivor)s are two leads again.") % {"other": other, "survivor": survivor}
    if kept:
        words += " " + ngettext(
            "One field was changed since and stays: %(fields)s.",
            "Some fields were changed since and stay: %(fields)s.",
            len(kept),
        ) % {"fields": ", ".join(kept)}
    toast(request, words)
    return go_to(request, survivor.get_absolute_url())


@require_http_methods(["GET", "POST"])
@staff_page("lead:merge")
@on_lead
def lead_merge(request, lead):
    """Who may be the same person as this lead, whom to put beside it, and the merges that can be taken back."""
    if request.method == "POST" and (other := person_beside(request.POST.get("other"))) and other != lead:
        return redirect("crm:duplicate_detail", pair_of(lead, other).pk)
    record_read(lead, by=request.member)
    text = request.GET.get("q", "")
    near = [(other, in_words(comparison.reasons)) for other, comparison in near_to(lead, text)]
    context = {"lead": lead, "near": near, "text": text, "merges": merges_to_undo(lead)}
    return page(request, "crm/lead_merge.html", context, part="near")
