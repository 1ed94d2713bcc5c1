"""How a move is answered: the board gets a patch, other pages a word, and a browser without script the lead's page."""

from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinics.access import may
from clinics.pages import part, toast, trigger
from crm.board_changes import patch_of
from crm.board_lane_changes import lanes_patch_of
from crm.board_order import order_asked
from crm.consultations import booking_of
from crm.filters import LeadFilter
from crm.models import PipelineStage

BOARD_PATCH, LANE_PATCH = "crm/_board_patch.html", "crm/_board_lane_patch.html"


def check_may_convert(request, stage):
    if stage.kind == PipelineStage.Kind.WON and not may(request.member, "lead:convert"):
        raise PermissionDenied


def report_move(request, lead, stages, change):
    if change is None:
        toast(request, _("%(lead)s is in %(stage)s already") % {"lead": lead, "stage": stages[-1]})
    else:
        appointment = booking_of(change)
        text = _("%(lead)s moved to %(stage)s") if appointment is None else _("%(lead)s moved to %(stage)s: %(time)s")
        text %= {"lead": lead, "stage": change.to_stage, "time": appointment and time_of(appointment)}
        toast(request, text, undo=("crm:lead_move_undo", change.pk))
    return answer_move(request, lead, stages, has_moved=change is not None)


def report_undone_booking(request, change):
    """Say what became of the appointment of a move that was taken back."""
    appointment = booking_of(change)
    if appointment is None:
        return
    stays = _("The appointment of %(time)s stays in the schedule: it has been changed since.")
    gone = _("The appointment of %(time)s is cancelled.")
    toast(request, (stays if appointment.is_open else gone) % {"time": time_of(appointment)})


def time_of(appointment):
    return date_format(timezone.localtime(appointment.starts_at), "SHORT_DATETIME_FORMAT")


def refuse_move_form(request, lead):
    toast(request, _("Choose the stage again. That one is no longer there."), level="error")
    return answer_move(request, lead, [lead.stage], status=422)


def refuse_move(request, lead, stages, rule):
    toast(request, rule, level="error")
    return answer_move(request, lead, stages, status=409)


def answer_move(request, lead, stages, *, status=200, has_moved=False):
    """A board gets a patch, any other page nothing to draw, and a browser without script the lead's page.

    The event "lead-moved" tells the page that the lead stands elsewhere now.
    """
    if not request.htmx:
        return redirect("crm:lead_detail", lead.pk)
    view, query = _asked_by(request)
    if view == "crm:board":
        response = part(request, BOARD_PATCH, {"patch": _patch(request, lead, query, stages)}, status=status)
    elif view == "crm:board_lanes":
        response = part(request, LANE_PATCH, {"patch": _lanes_patch(request, lead, query)}, status=status)
    else:
        response = part(request, BOARD_PATCH, {"patch": None}, status=status)
        response["HX-Reswap"] = "none"
    return trigger(response, "dialog:close", *(["lead-moved"] if has_moved else []))


def _patch(request, lead, query, stages):
    lead_filter = LeadFilter(query, request=request)
    return patch_of(lead.pk, request.clinic, lead_filter, stages, order=order_asked(query))


def _lanes_patch(request, lead, query):
    return lanes_patch_of(lead, request.clinic, LeadFilter(query, request=request), order=order_asked(query))


def is_on_board(request):
    """Whether the board asked, as columns or in lanes, which follows by a patch."""
    return bool(request.htmx) and _asked_by(request)[0] is not None


def is_on_page_of_many(request):
    """Whether the page of an act on many leads asked, which draws itself anew."""
    try:
        return (
            bool(request.htmx) and resolve(urlsplit(request.htmx.current_url or "").path).view_name == "crm:bulk_detail"
        )
    except Resolver404:
        return False


def _asked_by(request):
    """(which board asked, its filters); (None, None) if another page did."""
    page_url = urlsplit(request.htmx.current_url or "")
    for view in ("crm:board", "crm:board_lanes"):
        if page_url.path == reverse(view):
            return view, QueryDict(page_url.query)
    return None, None
