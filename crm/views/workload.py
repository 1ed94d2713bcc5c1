"""Who has how much to do, and handing over what somebody has."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinics.access import may, staff_page
from clinics.csv_export import csv_response
from clinics.errors import RuleBroken
from clinics.models import ClinicUser
from clinics.pages import go_to, page, toast
from crm.assignment.leaving import hand_over as hand_over_all
from crm.assignment.leaving import what_is_open
from crm.forms.handing_over import HandOverForm
from crm.models import Lead
from crm.workload import order_asked, read_workload


@require_GET
@staff_page("lead:assign")
def workload(request):
    """The open work of each person, as a table or a file."""
    order, is_descending = order_asked(request.GET)
    loads = read_workload(order=order, descending=is_descending)
    if request.GET.get("format") == "csv":
        return _csv(loads)
    most = max((load.open for load in loads), default=0)
    return page(request, "crm/workload.html", {"loads": loads, "most": most}, part="workload-table")


@require_GET
@staff_page("staff:manage")
def workload_counts(request):
    """Fills the column of open leads in the staff list."""
    counts = Lead.objects.open().count_by_member()
    workloads = [(member, counts.get(member.pk, 0)) for member in ClinicUser.objects.for_list()]
    return page(request, "crm/workload_counts.html", {"workloads": workloads})


@require_http_methods(["GET", "POST"])
@staff_page("lead:assign")
def hand_over(request, pk):
    """Give all that is open of a person to another one, or by the rules; with `leaves`, they are let in no more."""
    member = get_object_or_404(ClinicUser.objects.for_list(), pk=pk)
    leaves = bool((request.POST or request.GET).get("leaves"))
    if leaves and not may(request.member, "staff:manage"):
        raise PermissionDenied
    form = HandOverForm(request.POST or None, member=member)
    if request.method == "POST" and form.is_valid():
        try:
            act = hand_over_all(
                member, form.cleaned_data["to"], by=request.member, key=form.cleaned_data["key"], leaves=leaves
            )
        except RuleBroken as rule:
            form.add_error(None, str(rule))
        else:
            return _report(request, member, act, leaves)
    context = {"form": form, "member": member, "leaves": leaves, "open": what_is_open(member)}
    return page(request, "crm/hand_over.html", context, part="dialog", status=422 if form.is_bound else 200)


def _report(request, member, act, leaves):
    """Say what was done; what goes on in the background is watched on the page of the act."""
    if leaves:
        undo = ("clinics:member_reactivate", member.pk)
        toast(request, _("%(name)s is deactivated and signed out") % {"name": member.display_name}, undo=undo)
    if act is None:
        if not leaves:
            toast(request, _("There is nothing open to hand over."))
    elif act.job is not None:
        return go_to(request, act.get_absolute_url())
    elif act.done_count:
        toast(request, _("%(act)s: done.") % {"act": act.title}, undo=("crm:bulk_undo", act.pk))
    else:
        return go_to(request, act.get_absolute_url())
    back = "clinics:member_list" if leaves else "crm:workload"
    return go_to(request, redirect(back).url)


def _csv(loads):
    header = [
        _("Coordinator"), _("Open leads"), _("Open leads at most"), _("New"), _("Overdue tasks"), _("Stuck"),
        _("Out of office"), _("Deputy"),
    ]  # fmt: skip
    rows = (
        [
            load.member or _("Nobody yet"),
            load.open,
            load.capacity,
            load.new,
            load.overdue,
            load.stuck,
            bool(load.member and load.member.is_out_of_office),
            load.deputy,
        ]
        for load in loads
    )
    return csv_response(_("workload") + ".csv", header, rows)
