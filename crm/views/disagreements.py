"""Where cards and the schedule disagree: what each says, and one press that settles it."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinics.access import may, staff_page
from clinics.errors import RuleBroken
from clinics.pages import page, paginate, part, toast
from crm.disagreement_words import in_words
from crm.disagreements import MOVES_TO, keep_card, make_patient, move_card, undo_keep
from crm.models import Disagreement, PipelineStage

LIST = "crm/disagreement_list.html"


@require_GET
@staff_page("lead:read")
def disagreement_list(request):
    """Each lead of which the card says one thing and the schedule another, the oldest first."""
    return page(request, LIST, _listed(request), part="disagreement-rows")


@require_POST
@staff_page("lead:update")
def disagreement_move(request, pk):
    """Move the card to where the schedule says that it belongs; who is treated already becomes a patient."""
    disagreement = get_object_or_404(Disagreement.objects.select_related("lead"), pk=pk)
    if disagreement.kind == Disagreement.Kind.TREATED:
        return _make_patient(request, disagreement)
    try:
        change = move_card(disagreement, by=request.member)
    except RuleBroken as rule:
        return _refuse(request, rule)
    if change is not None:
        text = _("%(lead)s moved to %(stage)s") % {"lead": change.lead, "stage": change.to_stage}
        toast(request, text, undo=("crm:lead_move_undo", change.pk))
    return _answer(request)


def _make_patient(request, disagreement):
    if not may(request.member, "lead:convert"):
        raise PermissionDenied
    lead = disagreement.lead
    try:
        conversion = make_patient(disagreement, by=request.member)
    except RuleBroken as rule:
        return _refuse(request, rule)
    undo = ("crm:lead_convert_undo", lead.pk, conversion.pk) if may(request.member, "lead:reopen") else None
    toast(request, _("%(lead)s has become a patient.") % {"lead": lead}, undo=undo)
    return _answer(request)


@require_POST
@staff_page("lead:update")
def disagreement_keep(request, pk):
    """Let the card stay where it is, with the reason."""
    disagreement = get_object_or_404(Disagreement.objects.select_related("lead"), pk=pk)
    try:
        keep_card(disagreement, request.POST.get("reason", ""), by=request.member)
    except RuleBroken as rule:
        return _refuse(request, rule)
    text = _("%(lead)s stays where the card is.") % {"lead": disagreement.lead}
    toast(request, text, undo=("crm:disagreement_keep_undo", disagreement.pk))
    return _answer(request)


@require_POST
@staff_page("lead:update")
def disagreement_keep_undo(request, pk):
    """Ask about the card again."""
    try:
        undo_keep(get_object_or_404(Disagreement.objects.select_related("lead"), pk=pk), by=request.member)
    except RuleBroken as rule:
        return _refuse(request, rule)
    return _answer(request)


def _listed(request):
    disagreements = paginate(request, Disagreement.objects.open().for_list())
    stages = {stage.fact: stage for stage in PipelineStage.objects.exclude(fact="")}
    rows = [(each, in_words(each), stages.get(MOVES_TO.get(each.kind))) for each in disagreements]
    return {"page": disagreements, "rows": rows}


def _refuse(request, rule):
    toast(request, rule, level="error")
    return _answer(request, status=409)


def _answer(request, *, status=200):
    if not may(request.member, "lead:read"):
        raise PermissionDenied
    return part(
        request, f"{LIST}#disagreement-rows", _listed(request), otherwise="crm:disagreement_list", status=status
    )
