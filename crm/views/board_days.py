from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.csv_export import csv_response
from clinics.pages import page
from crm.board_flow import figure_of, flows_between, header
from crm.board_past import board_on, column_on
from crm.filters import LeadFilter
from crm.forms.board_days import DayForm, FlowForm
from crm.models import PipelineStage
from crm.views.showing import on_record


@require_GET
@staff_page("lead:read")
@on_record
def board_day(request):
    """The board as it stood at the end of a past day, to look at only."""
    form, lead_filter = DayForm(request.GET), LeadFilter(request.GET, request=request)
    board = board_on(form.chosen, request.clinic, lead_filter)
    context = {"board": board, "filter": lead_filter, "form": form, "kept": [("day", board.day.isoformat())]}
    return page(request, "crm/board_day.html", context, part="board-day")


@require_GET
@staff_page("lead:read")
def board_day_column(request, pk):
    """The next page of a column of that day."""
    stage = get_object_or_404(PipelineStage, pk=pk)
    day, lead_filter = DayForm(request.GET).chosen, LeadFilter(request.GET, request=request)
    wanted = request.GET.get("page", "")
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 7 else 1
    column = column_on(day, stage, request.clinic, lead_filter, page=max(1, number))
    return page(request, "crm/board_day_column.html", {"column": column, "day": day}, part="board-day-cards")


@require_GET
@staff_page("lead:read")
def board_flow(request):
    """From which stage to which the leads went between two days."""
    form, lead_filter = FlowForm(request.GET), LeadFilter(request.GET, request=request)
    first, last = form.chosen
    csv_url = f"{reverse('crm:board_flow_csv')}?{request.GET.urlencode()}"
    flows = flows_between(first, last, lead_filter)
    figure = figure_of(flows, date_format(first), date_format(last), csv_url=csv_url)
    kept = [("first", first.isoformat()), ("last", last.isoformat())]
    context = {"figure": figure, "form": form, "filter": lead_filter, "first": first, "last": last, "kept": kept}
    return page(request, "crm/board_flow.html", context, part="board-flow")


@require_GET
@staff_page("lead:export")
def board_flow_csv(request):
    first, last = FlowForm(request.GET).chosen
    flows = flows_between(first, last, LeadFilter(request.GET, request=request))
    rows = [(flow.start_name, flow.end_name, flow.count, flow.cents / 100) for flow in flows]
    name = _("flow") + f"-{first:%Y-%m-%d}-{last:%Y-%m-%d}.csv"
    return csv_response(name, [column.label for column in header()], rows)
