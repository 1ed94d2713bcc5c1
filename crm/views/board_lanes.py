from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.models import ClinicUser, SavedView
from clinics.pages import page, part
from clinics.view_bar import view_bar
from crm.board_lane_changes import lanes_changed_since
from crm.board_lanes import lanes_of
from crm.board_order import ORDERS, order_asked
from crm.bulk_bar import BulkBar
from crm.filters import LeadFilter
from crm.folding import folding_of
from crm.models import PipelineStage
from crm.views.board import moment_asked, now_in_milliseconds
from crm.views.showing import on_record


@require_GET
@staff_page("lead:read")
@on_record
def board_lanes(request):
    """The pipeline with a lane for each coordinator."""
    bar = view_bar(request, SavedView.Layout.BOARD)
    lead_filter, order = LeadFilter(request.GET, request=request), order_asked(request.GET)
    lanes = lanes_of(request.member, lead_filter, order=order, is_folded=folding_of(request))
    context = {
        "lanes": lanes,
        "stages": list(PipelineStage.objects.in_order()),
        "bar": bar,
        "bulk": BulkBar(lead_filter, bar.query, sum(column.count for lane in lanes for column in lane.columns)),
        "filter": lead_filter,
        "order": order,
        "orders": ORDERS,
        "since": now_in_milliseconds(),
    }
    return page(request, "crm/board_lanes.html", context, part="board-page")


@require_GET
@staff_page("lead:read")
def board_lane(request, owner):
    """One lane as it stands now."""
    lead_filter, order = LeadFilter(request.GET, request=request), order_asked(request.GET)
    try:
        lanes = lanes_of(request.member, lead_filter, order=order, is_folded=folding_of(request), only=owner)
    except (ValueError, ClinicUser.DoesNotExist) as error:
        raise Http404 from error
    context = {"lane": next(iter(lanes), None), "filter": lead_filter, "order": order}
    return part(request, "crm/_board_lane.html", context, otherwise="crm:board_lanes")


@require_GET
@staff_page("lead:read")
def board_lanes_changes(request):
    """What others have changed in the lanes of a page (?lane=, one for each) since they were drawn."""
    since = moment_asked(request)
    if since is None:
        return redirect("crm:board_lanes")
    lead_filter, order = LeadFilter(request.GET, request=request), order_asked(request.GET)
    now, shown = now_in_milliseconds(), request.GET.getlist("lane")
    patch = lanes_changed_since(since, shown, request.clinic, lead_filter, order=order)
    return part(request, "crm/_board_lanes_changes.html", {"since": now, "patch": patch}, otherwise="crm:board_lanes")
