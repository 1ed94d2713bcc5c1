from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from crm.forms.moving import PlaceForm
from crm.models import Lead
from crm.placing import place_lead
from crm.views.reporting import answer_move, refuse_move


@require_POST
@staff_page("lead:update")
def lead_place(request, pk):
    """Put a card by hand right below another of its column, or on top."""
    lead = get_object_or_404(Lead.objects.present().select_related("stage"), pk=pk)
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return answer_move(request, lead, [lead.stage], status=422)
    try:
        place_lead(lead, below=form.cleaned_data["below"], by=request.member)
    except RuleBroken as rule:
        return refuse_move(request, lead, [lead.stage], rule)
    return answer_move(request, lead, [lead.stage], has_moved=True)
