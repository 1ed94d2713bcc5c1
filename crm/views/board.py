from datetime import UTC, datetime

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.models import SavedView
from clinics.pages import page, part, trigger
from clinics.view_bar import view_bar
from crm.board import board_of, column_of
from crm.board_changes import changes_since
from crm.board_order import ORDERS, order_asked
from crm.board_pace import paces_of
from crm.bulk_bar import BulkBar
from crm.filters import LeadFilter
from crm.folding import folding_of, remember_folded
from crm.models import PipelineStage
from crm.views.showing import on_record


@require_GET
@staff_page("lead:read")
@on_record
def board(request):
    """The pipeline as columns of cards; a bare address opens with the view that the member has chosen for it."""
    bar = view_bar(request, SavedView.Layout.BOARD)
    if bar.opens_with and not request.htmx:
        return redirect(bar.opens_with)
    lead_filter, order = LeadFilter(request.GET, request=request), order_asked(request.GET)
    board = board_of(request.member, lead_filter, order=order, is_folded=folding_of(request))
    context = {
        "board": board,
        "stages": [column.stage for column in board.columns],
        "bar": bar,
        "bulk": BulkBar(lead_filter, bar.query, sum(column.count for column in board.columns)),
        "filter": lead_filter,
        "order": order,
        "orders": ORDERS,
        "since": now_in_milliseconds(),
    }
    return page(request, "crm/board.html", context, part="board-page")


@require_GET
@staff_page("lead:read")
def board_column(request, pk):
    """The next page of a column; with ?show=open or ?show=folded the column itself, and the browser remembers which."""
    stage = get_object_or_404(PipelineStage, pk=pk)
    show, after = request.GET.get("show"), request.GET.get("after", "")
    lead_filter = LeadFilter(request.GET, request=request)
    try:
        column = column_of(
            stage, request.clinic, lead_filter, order=order_asked(request.GET), after=after, folded=show == "folded"
        )
    except ValueError as error:
        raise Http404 from error
    context = {"column": column, "filter": lead_filter}
    if show:
        response = part(request, "crm/_board_column.html", context, otherwise="crm:board")
        return trigger(remember_folded(request, response, stage, folded=column.is_folded), "column-shown")
    return page(request, "crm/board_column.html", context, part="board-cards")


@require_GET
@staff_page("lead:read")
def board_changes(request):
    """What others have changed on the board since it was drawn, as small parts that find their own places."""
    since = moment_asked(request)
    if since is None:
        return redirect("crm:board")
    lead_filter = LeadFilter(request.GET, request=request)
    order = order_asked(request.GET)
    context = {"since": now_in_milliseconds(), "patch": changes_since(since, request.clinic, lead_filter, order=order)}
    return part(request, "crm/_board_changes.html", context, otherwise="crm:board")


@require_GET
@staff_page("lead:read")
def board_pace(request):
    """How fast each stage lets its leads go; to the board the marks of its column heads."""
    lead_filter = LeadFilter(request.GET, request=request)
    context = {"paces": paces_of(lead_filter), "filter": lead_filter}
    return page(request, "crm/board_pace.html", context, part="board-pace")


def moment_asked(request):
    """The moment up to which the page that asks tells, or None if it says none."""
    try:
        return datetime.fromtimestamp(int(request.GET.get("since", "")) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def now_in_milliseconds():
    return int(timezone.now().timestamp() * 1000)
