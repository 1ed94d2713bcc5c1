from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import may, staff_page
from clinics.audit import record_read
from clinics.bulk_pages import NOTHING_TO_DRAW
from clinics.errors import RuleBroken
from clinics.pages import go_to, page, part, toast, trigger
from crm.conversion import convert_lead, name_closer
from crm.conversion_undoing import undo_conversion
from crm.forgetting import removed_leads_of
from crm.forms.conversion import CloserForm, ConversionForms
from crm.forms.moving import MoveForm
from crm.models import ConvertedPatient, LeadConversion, PipelineStage
from crm.rules import LeadIsLocked
from crm.trail import shown_lately
from crm.views.reporting import answer_move, is_on_board, is_on_page_of_many
from crm.views.showing import on_lead, record_showing, sent, show_again
from patients.models import Patient

TEMPLATE = "crm/lead_convert.html"


@require_http_methods(["GET", "POST"])
@staff_page("lead:convert")
@on_lead
def lead_convert(request, lead):
    """Make patients of a lead: a dialog of its page; who may be here already is shown before anything is saved.

    With ?stage= the dialog stands between a card and the won stage that it was dropped on.
    """
    if lead.conversions.standing().exists():
        raise LeadIsLocked
    stage = _stage_meant(request)
    forms = ConversionForms(sent(request), lead=lead)
    context = {"lead": lead, "forms": forms, "stage": stage}
    if request.method == "GET":
        record_showing(request, lead, part="dialog")
        return page(request, TEMPLATE, context, part="dialog")
    if not forms.is_valid():
        return page(request, TEMPLATE, context, part="dialog", status=422)
    if forms.ask():
        return page(request, TEMPLATE, context | {"asks": True}, part="dialog", status=409)
    try:
        conversion = convert_lead(lead, forms.people, by=request.member, payer=forms.paying, stage=stage)
    except RuleBroken as broken:
        forms.error = broken
        return page(request, TEMPLATE, context, part="dialog", status=409)
    return report_conversion(request, lead, conversion)


def _stage_meant(request):
    """The won stage of the address, or None for the one that comes next."""
    form = MoveForm({"stage": request.GET.get("stage")})
    stage = form.cleaned_data["stage"] if form.is_valid() else None
    return stage if stage and stage.kind == PipelineStage.Kind.WON else None


def ask_who_it_becomes(request, lead, stage):
    """A card on its way to a won stage: who becomes a patient, or the move alone; nothing has moved yet."""
    if not request.htmx:
        return redirect(f"{reverse('crm:lead_convert', args=[lead.pk])}?stage={stage.pk}")
    record_showing(request, lead, part="dialog")
    context = {"lead": lead, "stage": stage, "forms": ConversionForms(None, lead=lead)}
    response = page(request, TEMPLATE, context, part="dialog", status=422 if request.method == "POST" else 200)
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def report_conversion(request, lead, conversion):
    """Say who is a patient now; on the board the card goes to its place, elsewhere one stands before the lead."""
    count = conversion.people.count()
    said = ngettext("%(lead)s has become a patient.", "%(lead)s has become %(count)d patients.", count)
    undo = ("crm:lead_convert_undo", lead.pk, conversion.pk) if may(request.member, "lead:reopen") else None
    link = (_("Open"), conversion.lead.converted_to_patient.get_absolute_url()) if is_on_board(request) else None
    toast(request, said % {"lead": lead, "count": count}, undo=undo, link=link)
    return _after(request, lead, [lead.stage, conversion.lead.stage])


@require_POST
@staff_page("lead:reopen")
@on_lead
def lead_convert_undo(request, lead, conversion_pk):
    conversion = get_object_or_404(LeadConversion, pk=conversion_pk, lead=lead)
    kept = undo_conversion(conversion, by=request.member)
    toast(request, _("%(lead)s is a lead again.") % {"lead": lead})
    for patient, why in kept:
        toast(request, _("%(patient)s stays a patient: %(why)s.") % {"patient": patient, "why": why})
    return _after(request, lead, [lead.stage, conversion.lead.stage])


@require_POST
@staff_page("commission:manage")
@on_lead
def lead_closer(request, lead, conversion_pk):
    """Say who won the person over: commissions for closing are theirs."""
    conversion = get_object_or_404(LeadConversion.objects.standing(), pk=conversion_pk, lead=lead)
    form = CloserForm(request.POST)
    if not form.is_valid():
        toast(request, _("Choose somebody who works here."), level="error")
        return show_again(request, lead)
    named = name_closer(conversion, form.cleaned_data["member"], by=request.member)
    toast(request, _("%(who)s won them over.") % {"who": named.closer})
    return show_again(request, lead)


def _after(request, lead, stages):
    if is_on_board(request):
        return answer_move(request, lead, stages, has_moved=True)
    if is_on_page_of_many(request):  # where the next one waits
        return trigger(part(request, NOTHING_TO_DRAW, {}), "dialog:close", "leads-changed")
    return go_to(request, lead.get_absolute_url())


@require_GET
@staff_page("lead:read")
def patient_panel(request, pk):
    """Where a patient came from, for the patient's page: the leads, how they found the clinic, and their documents."""
    patient = get_object_or_404(Patient.objects.present(), pk=pk)
    leads = [came.conversion.lead for came in ConvertedPatient.objects.of_patient(patient)[:10]]
    known = shown_lately(leads, request.member)
    for lead in leads:
        if lead.pk not in known:
            record_read(lead, by=request.member)
    origins = [{"lead": lead, "touches": lead.touchpoints.all()} for lead in leads]
    context = {"patient": patient, "origins": origins, "removed": removed_leads_of(patient)}
    return part(request, "crm/patient_panel.html#patient-panel", context)
