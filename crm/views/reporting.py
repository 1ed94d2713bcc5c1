"""How a move is answered: the board gets a patch, other pages a word, and a browser without script the lead's page."""

from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from clinics.access import may
from clinics.pages import part, toast, trigger
from crm.board_changes import patch_of
from crm.board_order import order_asked
from crm.filters import LeadFilter
from crm.models import PipelineStage


def check_may_convert(request, stage):
    if stage.kind == PipelineStage.Kind.WON and not may(request.member, "lead:convert"):
        raise PermissionDenied


def report_move(request, lead, stages, change):
    if change is None:
        toast(request, _("%(lead)s is in %(stage)s already") % {"lead": lead, "stage": stages[-1]})
    else:
        text = _("%(lead)s moved to %(stage)s") % {"lead": lead, "stage": change.to_stage}
        toast(request, text, undo=("crm:lead_move_undo", change.pk))
    return answer_move(request, lead, stages, has_moved=change is not None)


def refuse_move_form(request, lead):
    toast(request, _("Choose the stage again. That one is no longer there."), level="error")
    return answer_move(request, lead, [lead.stage], status=422)


def refuse_move(request, lead, stages, rule):
    toast(request, rule, level="error")
    return answer_move(request, lead, stages, status=409)


def answer_move(request, lead, stages, *, status=200, has_moved=False):
    """The board gets a patch, any other page nothing to draw, and a browser without script the lead's page.

    The event "lead-moved" tells the page that the lead stands elsewhere now.
    """
    if not request.htmx:
        return redirect("crm:lead_detail", lead.pk)
    query = _board_query(request)
    patch = query is not None and _patch(request, lead, query, stages)
    response = part(request, "crm/_board_patch.html", {"patch": patch}, status=status)
    if not patch:
        response["HX-Reswap"] = "none"
    return trigger(response, "dialog:close", *(["lead-moved"] if has_moved else []))


def _patch(request, lead, query, stages):
    lead_filter = LeadFilter(query, request=request)
    return patch_of(lead.pk, request.clinic, lead_filter, stages, order=order_asked(query))


def _board_query(request):
    """The filters of the board that asked, or None if another page did."""
    page_url = urlsplit(request.htmx.current_url or "")
    return QueryDict(page_url.query) if page_url.path == reverse("crm:board") else None
