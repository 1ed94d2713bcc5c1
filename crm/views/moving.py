from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics.access import may, staff_page
from clinics.errors import RuleBroken
from clinics.pages import page, part, toast, trigger
from crm.board_changes import patch_of
from crm.board_order import order_asked
from crm.filters import LeadFilter
from crm.forms.moving import LostForm, MoveForm
from crm.models import Lead, PipelineStage, StageChange
from crm.pipeline import lock_lead, move_lead, reopen_lead, undo_move
from crm.rules import SomebodyWasFaster


@require_POST
@staff_page("lead:update")
def lead_move(request, pk):
    """Move a lead to another stage; into Lost without a reason, the reason is asked for."""
    lead = get_object_or_404(Lead.objects.present().select_related("stage"), pk=pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _refuse_form(request, lead)
    stage, reason = form.cleaned_data["stage"], form.cleaned_data["lost_reason"]
    if stage.kind == PipelineStage.Kind.LOST and not reason and not lead.is_locked:
        return _ask_why(request, lead)
    _check_may_convert(request, stage)
    try:
        _check_version(lead, form.cleaned_data["version"])
        notes = form.cleaned_data["lost_notes"]
        change = move_lead(lead, stage, by=request.member, lost_reason=reason, lost_notes=notes)
    except RuleBroken as rule:
        return _refuse(request, lead, [lead.stage, stage], rule)
    return _report(request, lead, [lead.stage, stage], change)


@require_http_methods(["GET", "POST"])
@staff_page("lead:update")
def lead_lost(request, pk):
    """Ask why a lead was lost, and mark it as lost."""
    lead = get_object_or_404(Lead.objects.present().select_related("stage"), pk=pk)
    form = LostForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        context = {"lead": lead, "form": form}
        status = 422 if request.method == "POST" else 200
        return page(request, "crm/lead_lost.html", context, part="lead-lost", status=status)
    lost = get_object_or_404(PipelineStage, kind=PipelineStage.Kind.LOST)
    try:
        change = move_lead(lead, lost, by=request.member, **form.cleaned_data)
    except RuleBroken as rule:
        return _refuse(request, lead, [lead.stage, lost], rule)
    return _report(request, lead, [lead.stage, lost], change)


@require_POST
@staff_page("lead:reopen")
def lead_reopen(request, pk):
    """Put a lost lead back on the way, into the stage chosen."""
    lead = get_object_or_404(Lead.objects.present().select_related("stage"), pk=pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _refuse_form(request, lead)
    stage = form.cleaned_data["stage"]
    try:
        change = reopen_lead(lead, stage, by=request.member)
    except RuleBroken as rule:
        return _refuse(request, lead, [lead.stage, stage], rule)
    return _report(request, lead, [lead.stage, stage], change)


@require_POST
@staff_page("lead:update")
def lead_move_undo(request, pk):
    """Take a move back, from the toast that reported it."""
    change = get_object_or_404(StageChange.objects.select_related("lead", "from_stage", "to_stage"), pk=pk)
    _check_may_convert(request, change.to_stage)
    stages = [change.to_stage, change.from_stage]
    try:
        lead = undo_move(change, by=request.member)
    except RuleBroken as rule:
        return _refuse(request, change.lead, stages, rule)
    toast(request, _("%(lead)s is back in %(stage)s") % {"lead": lead, "stage": lead.stage})
    return _answer(request, lead, stages, has_moved=change.undone_at is None)


def _check_may_convert(request, stage):
    if stage.kind == PipelineStage.Kind.WON and not may(request.member, "lead:convert"):
        raise PermissionDenied


def _check_version(lead, seen):
    if seen is not None and (current := lock_lead(lead)).version != seen:
        raise SomebodyWasFaster(current)


def _ask_why(request, lead):
    """The reason is asked for in the dialog, or on a page of its own; nothing has moved yet."""
    if not request.htmx:
        return redirect("crm:lead_lost", lead.pk)
    response = render(request, "crm/lead_lost.html#lead-lost", {"lead": lead, "form": LostForm()}, status=422)
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def _report(request, lead, stages, change):
    if change is None:
        toast(request, _("%(lead)s is in %(stage)s already") % {"lead": lead, "stage": stages[-1]})
    else:
        text = _("%(lead)s moved to %(stage)s") % {"lead": lead, "stage": change.to_stage}
        toast(request, text, undo=("crm:lead_move_undo", change.pk))
    return _answer(request, lead, stages, has_moved=change is not None)


def _refuse_form(request, lead):
    toast(request, _("Choose the stage again. That one is no longer there."), level="error")
    return _answer(request, lead, [lead.stage], status=422)


def _refuse(request, lead, stages, rule):
    toast(request, rule, level="error")
    return _answer(request, lead, stages, status=409)


def _answer(request, lead, stages, *, status=200, has_moved=False):
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
