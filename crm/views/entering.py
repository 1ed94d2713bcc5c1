from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from clinics.access import may, staff_page
from clinics.errors import RuleBroken
from clinics.pages import page
from crm.entering import enter_with_appointment, enter_with_value
from crm.forms.moving import AppointmentOnEntryForm, ValueOnEntryForm
from crm.models import Lead, PipelineStage
from crm.pipeline import move_lead
from crm.views.conversion import ask_who_it_becomes
from crm.views.reporting import check_may_convert, refuse_move, report_move
from patients.rules import NotAtWork, TimeIsPast

# What a stage asks on entry: the form, and the verb that takes its answer.
QUESTIONS = {
    PipelineStage.Asks.APPOINTMENT: (AppointmentOnEntryForm, enter_with_appointment),
    PipelineStage.Asks.VALUE: (ValueOnEntryForm, enter_with_value),
}


@require_http_methods(["GET", "POST"])
@staff_page("lead:update")
def lead_enter(request, pk, stage_pk):
    """Ask what the stage asks of whoever moves a lead there, and move it; "only" moves it without an answer."""
    lead = get_object_or_404(Lead.objects.present().select_related("stage"), pk=pk)
    stage = get_object_or_404(PipelineStage.objects.exclude(kind=PipelineStage.Kind.LOST), pk=stage_pk)
    check_may_convert(request, stage)
    if "only" in request.POST or not asks(stage):
        return _move_only(request, lead, stage)
    if stage.kind == PipelineStage.Kind.WON:
        return ask_on_entry(request, lead, stage)
    form_class, enter = QUESTIONS[stage.asks_on_entry]
    form = form_class(request.POST or None, lead=lead)
    context = {"lead": lead, "stage": stage, "form": form}
    if request.method == "GET" or not form.is_valid():
        return page(request, "crm/lead_enter.html", context, part="lead-enter", status=422 if form.errors else 200)
    try:
        change = enter(lead, stage, by=request.member, **form.answer)
    except RuleBroken as rule:
        form.add_error(None, str(rule))
        form.may_insist = isinstance(rule, NotAtWork | TimeIsPast) and may(request.member, "schedule:update")
        return page(request, "crm/lead_enter.html", context, part="lead-enter", status=409)
    return report_move(request, lead, [lead.stage, stage], change)


def _move_only(request, lead, stage):
    if request.method == "GET":
        return page(request, "crm/lead_enter.html", {"lead": lead, "stage": stage, "form": None}, part="lead-enter")
    try:
        change = move_lead(lead, stage, by=request.member)
    except RuleBroken as rule:
        return refuse_move(request, lead, [lead.stage, stage], rule)
    return report_move(request, lead, [lead.stage, stage], change)


def asks(stage):
    """Whether a stage asks anything of whoever moves a lead there: a won one always asks who becomes a patient."""
    return stage.kind == PipelineStage.Kind.WON or stage.asks_on_entry in QUESTIONS


def ask_on_entry(request, lead, stage):
    """The question of the stage in the dialog, or on a page of its own; nothing has moved yet."""
    if stage.kind == PipelineStage.Kind.WON:
        return ask_who_it_becomes(request, lead, stage)
    if not request.htmx:
        return redirect("crm:lead_enter", lead.pk, stage.pk)
    form_class, _enter = QUESTIONS[stage.asks_on_entry]
    context = {"lead": lead, "stage": stage, "form": form_class(lead=lead)}
    response = render(request, "crm/lead_enter.html#lead-enter", context, status=422)
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response
