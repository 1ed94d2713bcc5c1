"""Where a lead stands and who takes care of it: stage, lost, reopened, archived, assigned."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router

from clinics.api_access import check_code, needs
from clinics.api_fields import chosen
from clinics.models import ClinicUser
from crm.api.lead_schemas import AssignIn, LeadOut, LostIn, ReopenIn, StageIn
from crm.api.leads import find_lead, shown
from crm.archiving import archive_lead, unarchive_lead
from crm.assignment.giving import assign_lead
from crm.models import PipelineStage
from crm.pipeline import move_lead, reopen_lead

router = Router(tags=["Leads"])


@router.post("/leads/{uuid:lead_id}/stage", auth=needs("lead:update"), response=LeadOut, summary="Move to a stage")
def lead_stage(request, response: HttpResponse, lead_id: str, sent: StageIn):
    """Move a lead on. Stages may be skipped, never gone back; a won stage also asks for `lead:convert`."""
    lead = find_lead(lead_id)
    stage = chosen(PipelineStage.objects.all(), sent.stage, field="stage")
    if stage.kind == PipelineStage.Kind.WON:
        check_code(request, "lead:convert")
    move_lead(lead, stage, by=request.member, lost_reason=sent.lost_reason or "", lost_notes=sent.lost_notes)
    return shown(request, response, lead)


@router.post("/leads/{uuid:lead_id}/lost", auth=needs("lead:update"), response=LeadOut, summary="Mark as lost")
def lead_lost(request, response: HttpResponse, lead_id: str, sent: LostIn):
    """Say that a lead is lost, and why."""
    lead = find_lead(lead_id)
    lost = get_object_or_404(PipelineStage, kind=PipelineStage.Kind.LOST)
    move_lead(lead, lost, by=request.member, lost_reason=sent.lost_reason, lost_notes=sent.lost_notes)
    return shown(request, response, lead)


@router.post("/leads/{uuid:lead_id}/reopen", auth=needs("lead:reopen"), response=LeadOut, summary="Reopen a lost lead")
def lead_reopen(request, response: HttpResponse, lead_id: str, sent: ReopenIn):
    """Put a lost lead back on the way, into an open stage."""
    lead = find_lead(lead_id)
    reopen_lead(lead, chosen(PipelineStage.objects.all(), sent.stage, field="stage"), by=request.member)
    return shown(request, response, lead)


@router.post("/leads/{uuid:lead_id}/archive", auth=needs("lead:update"), response=LeadOut, summary="Archive a lead")
def lead_archive(request, response: HttpResponse, lead_id: str):
    """Put a lead away: off the board, its history kept."""
    lead = find_lead(lead_id)
    archive_lead(lead, by=request.member)
    return shown(request, response, lead)


@router.post(
    "/leads/{uuid:lead_id}/unarchive", auth=needs("lead:update"), response=LeadOut, summary="Take out of the archive"
)
def lead_unarchive(request, response: HttpResponse, lead_id: str):
    """Put an archived lead back where it stood."""
    lead = find_lead(lead_id)
    unarchive_lead(lead, by=request.member)
    return shown(request, response, lead)


@router.post("/leads/{uuid:lead_id}/assign", auth=needs("lead:assign"), response=LeadOut, summary="Assign a lead")
def lead_assign(request, response: HttpResponse, lead_id: str, sent: AssignIn):
    """Give a lead to another coordinator, who is told."""
    lead = find_lead(lead_id)
    member = chosen(ClinicUser.objects.active().select_related("user"), sent.assigned_to, field="assigned_to")
    assign_lead(lead, member, by=request.member)
    return shown(request, response, lead)
