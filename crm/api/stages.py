"""The stages of the pipeline."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Status

from clinics.api_access import needs
from clinics.api_fields import chosen
from clinics.api_versions import MAY_BE_VERSIONED, check_version, etag
from crm.api.pipeline_schemas import PipelineStageChange, PipelineStageIn, PipelineStageOut, StageOrder
from crm.models import PipelineStage, TaskTemplate
from crm.stages import change_stage, create_stage, reorder_stages

router = Router(tags=["Pipeline stages"])


@router.get("/pipeline-stages", auth=needs("lead:read"), response=list[PipelineStageOut], summary="List stages")
def stage_list(request):
    """All stages in the order of the pipeline; there are never many."""
    return [stage_out(stage) for stage in PipelineStage.objects.in_order()]


@router.post("/pipeline-stages", auth=needs("lead:configure"), response={201: PipelineStageOut}, summary="Add a stage")
def stage_create(request, response: HttpResponse, sent: PipelineStageIn):
    """Add a stage to the pipeline."""
    stage = create_stage(_values(sent), by=request.member)
    response["ETag"] = etag(stage.updated_at)
    return Status(201, stage_out(stage))


@router.put(
    "/pipeline-stages/reorder",
    auth=needs("lead:configure"),
    response=list[PipelineStageOut],
    summary="Put the stages in order",
)
def stage_reorder(request, sent: StageOrder):
    """Name every stage once, in the order that they are to have. Leads stay where they stand."""
    return [stage_out(stage) for stage in reorder_stages(sent.stages, by=request.member)]


@router.put(
    "/pipeline-stages/{uuid:stage_id}",
    auth=needs("lead:configure"),
    response=PipelineStageOut,
    summary="Change a stage",
    openapi_extra=MAY_BE_VERSIONED,
)
def stage_update(request, response: HttpResponse, stage_id: str, sent: PipelineStageChange):
    """Change the fields that are sent."""
    stage = get_object_or_404(PipelineStage.objects.select_for_update(of=("self",)), pk=stage_id)
    check_version(request, stage.updated_at, current=lambda: PipelineStageOut(**stage_out(stage)), is_required=False)
    stage = change_stage(stage, _values(sent), by=request.member)
    response["ETag"] = etag(stage.updated_at)
    return stage_out(stage)


def _values(sent):
    values = sent.given()
    if "auto_task_template" in values:
        template = chosen(TaskTemplate.objects.all(), values["auto_task_template"], field="auto_task_template")
        values["auto_task_template"] = template
    return values


def stage_out(stage):
    names = PipelineStageOut.model_fields
    return {name: getattr(stage, name) for name in names} | {"auto_task_template": stage.auto_task_template_id}
