from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import page, toast, trigger
from crm.finishing import log_settling_call
from crm.forms.activities import CallForm
from crm.views.reporting import answer_move
from crm.views.showing import on_lead, sent, working_members


@require_http_methods(["GET", "POST"])
@staff_page("lead:update")
@on_lead
def card_call(request, lead):
    """Log a call without leaving the board: outcome, words and next step, in a dialog."""
    form = CallForm(sent(request), lead=lead, members=working_members(), initial={"queue": "queue" in request.GET})
    context = {"lead": lead, "form": form}
    if request.method == "GET" or not form.is_valid():
        return page(request, "crm/card_call.html", context, part="card-call", status=422 if form.errors else 200)
    try:
        activity = log_settling_call(lead, by=request.member, **form.facts)
    except RuleBroken as rule:
        form.add_error(None, str(rule))
        return page(request, "crm/card_call.html", context, part="card-call", status=409)
    words = {"lead": lead, "outcome": activity.get_outcome_display()}
    said = _("%(lead)s: call logged, %(outcome)s.") % words
    toast(request, said, undo=("crm:lead_activity_undo", lead.pk, activity.pk))
    return trigger(answer_move(request, lead, [lead.stage]), f"queue-worked-{lead.pk}")
