from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import toast
from crm.models import Lead, PipelineStage
from crm.suggesting import accept_suggestion, dismiss_suggestion, restore_suggestion
from crm.views.answering import acted, refused


@require_POST
@staff_page("lead:update")
def suggestion_accept(request, pk):
    """Move a lead where a rule suggests; the toast takes it back."""
    lead = get_object_or_404(Lead.objects.present(), pk=pk)
    try:
        change = accept_suggestion(lead, by=request.member)
    except RuleBroken as broken:
        return refused(request, broken)
    words = {"lead": lead, "stage": change.to_stage}
    toast(request, _("%(lead)s moved to %(stage)s") % words, undo=("crm:lead_move_undo", change.pk))
    return acted(request, "lead-moved")


@require_POST
@staff_page("lead:update")
def suggestion_dismiss(request, pk):
    lead = get_object_or_404(Lead.objects.present().select_related("suggested_stage"), pk=pk)
    stage = lead.suggested_stage
    try:
        dismiss_suggestion(lead, by=request.member)
    except RuleBroken as broken:
        return refused(request, broken)
    said = _("The suggestion for %(lead)s is dismissed.") % {"lead": lead}
    toast(request, said, undo=("crm:suggestion_restore", lead.pk, stage.pk))
    return acted(request, "lead-moved")


@require_POST
@staff_page("lead:update")
def suggestion_restore(request, pk, stage_pk):
    lead = get_object_or_404(Lead.objects.present(), pk=pk)
    try:
        restore_suggestion(lead, get_object_or_404(PipelineStage, pk=stage_pk), by=request.member)
    except RuleBroken as broken:
        return refused(request, broken)
    toast(request, _("The suggestion is back."))
    return acted(request, "lead-moved")
