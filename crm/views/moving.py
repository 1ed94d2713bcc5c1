from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import page, toast
from crm.forms.moving import LostForm, MoveForm
from crm.models import Lead, PipelineStage, StageChange
from crm.pipeline import check_move, lock_lead, move_lead, reopen_lead, undo_move
from crm.rules import SomebodyWasFaster
from crm.views.entering import ask_on_entry, asks
from crm.views.reporting import (
    answer_move,
    check_may_convert,
    refuse_move,
    refuse_move_form,
    report_move,
    report_undone_booking,
)


@require_POST
@staff_page("lead:update")
def lead_move(request, pk):
    """Move a lead to another stage. The reason for Lost, and what the stage asks on entry, is asked for first."""
    lead = get_object_or_404(Lead.objects.present().select_related("stage"), pk=pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return refuse_move_form(request, lead)
    stage, reason = form.cleaned_data["stage"], form.cleaned_data["lost_reason"]
    if stage.kind == PipelineStage.Kind.LOST and not reason and not lead.is_locked:
        return _ask_why(request, lead)
    check_may_convert(request, stage)
    try:
        _check_version(lead, form.cleaned_data["version"])
        if asks(stage) and stage != lead.stage:
            check_move(lead, stage)
            return ask_on_entry(request, lead, stage)
        notes = form.cleaned_data["lost_notes"]
        change = move_lead(lead, stage, by=request.member, lost_reason=reason, lost_notes=notes)
    except RuleBroken as rule:
        return refuse_move(request, lead, [lead.stage, stage], rule)
    return report_move(request, lead, [lead.stage, stage], change)


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
        return refuse_move(request, lead, [lead.stage, lost], rule)
    return report_move(request, lead, [lead.stage, lost], change)


@require_POST
@staff_page("lead:reopen")
def lead_reopen(request, pk):
    """Put a lost lead back on the way, into the stage chosen."""
    lead = get_object_or_404(Lead.objects.present().select_related("stage"), pk=pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return refuse_move_form(request, lead)
    stage = form.cleaned_data["stage"]
    try:
        change = reopen_lead(lead, stage, by=request.member)
    except RuleBroken as rule:
        return refuse_move(request, lead, [lead.stage, stage], rule)
    return report_move(request, lead, [lead.stage, stage], change)


@require_POST
@staff_page("lead:update")
def lead_move_undo(request, pk):
    """Take a move back, from the toast that reported it."""
    change = get_object_or_404(StageChange.objects.select_related("lead", "from_stage", "to_stage"), pk=pk)
    check_may_convert(request, change.to_stage)
    stages = [change.to_stage, change.from_stage]
    try:
        lead = undo_move(change, by=request.member)
    except RuleBroken as rule:
        return refuse_move(request, change.lead, stages, rule)
    toast(request, _("%(lead)s is back in %(stage)s") % {"lead": lead, "stage": lead.stage})
    report_undone_booking(request, change)
    return answer_move(request, lead, stages, has_moved=change.undone_at is None)


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
