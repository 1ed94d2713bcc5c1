from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import staff_page
from clinics.duplicate_pages import DuplicatePages
from crm.duplicates import reviewing
from crm.duplicates.merge_choices import choices_between, counts_of, rows_to_move
from crm.duplicates.merging import merge_leads, merges_to_undo, undo_merge
from crm.duplicates.near import near_to
from crm.forms.duplicates import DuplicateFilter
from crm.matching import person_beside
from crm.models import DuplicatePair, LeadMerge
from crm.views.showing import on_lead

LEADS = DuplicatePages(
    pair_model=DuplicatePair,
    merge_model=LeadMerge,
    filter_class=DuplicateFilter,
    reviewing=reviewing,
    merge=merge_leads,
    undo=undo_merge,
    merges_to_undo=merges_to_undo,
    near_to=near_to,
    choices_between=choices_between,
    moving=lambda survivor, other: counts_of(rows_to_move(other, survivor)),
    rank=lambda lead: (not lead.is_open, lead.captured_at),
    is_fixed=lambda lead: lead.is_locked,
    beside=person_beside,
    noun="lead",
    list_template="crm/duplicate_list.html",
    pair_template="crm/duplicate_detail.html",
    person_template="crm/lead_merge.html",
    list_view="crm:duplicate_list",
    reopen_view="crm:duplicate_reopen",
    undo_view="crm:lead_merge_undo",
    sweep=("crm.duplicate_sweep", gettext_lazy("Looking for duplicates")),
    parted=lambda other, survivor: (
        _("%(other)s and %(survivor)s are two leads again.") % {"other": other, "survivor": survivor}
    ),
)


@require_GET
@staff_page("lead:merge")
def duplicate_list(request):
    return LEADS.show_list(request)


@require_GET
@staff_page("lead:merge")
def duplicate_detail(request, pk):
    return LEADS.show(request, pk)


@require_POST
@staff_page("lead:merge")
def duplicate_merge(request, pk):
    return LEADS.merge_pair(request, pk)


@require_POST
@staff_page("lead:merge")
def duplicate_dismiss(request, pk):
    return LEADS.dismiss(request, pk)


@require_POST
@staff_page("lead:merge")
def duplicate_household(request, pk):
    """They are two people of one household."""
    return LEADS.decide(request, pk, reviewing.keep_as_household, _("These are two people of one household."))


@require_POST
@staff_page("lead:merge")
def duplicate_reopen(request, pk):
    return LEADS.reopen(request, pk)


@require_POST
@staff_page("lead:merge")
def duplicate_sweep(request):
    return LEADS.look_now(request)


@require_POST
@staff_page("lead:merge")
def lead_merge_undo(request, pk):
    return LEADS.part_again(request, pk)


@require_http_methods(["GET", "POST"])
@staff_page("lead:merge")
@on_lead
def lead_merge(request, lead):
    return LEADS.show_person(request, lead)
