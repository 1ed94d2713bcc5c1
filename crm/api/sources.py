"""The sources that leads come from."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from clinics.api_access import needs
from clinics.api_paging import Listed, PageAsked, cut
from clinics.api_versions import MAY_BE_VERSIONED, check_version, etag
from crm.api.pipeline_schemas import LeadSourceChange, LeadSourceIn, LeadSourceOut
from crm.models import LeadSource
from crm.sources import change_source, create_source

router = Router(tags=["Lead sources"])


@router.get("/lead-sources", auth=needs("lead:read"), response=Listed[LeadSourceOut], summary="List sources")
def source_list(request, response: HttpResponse, asked: Query[PageAsked]):
    """All sources by name, those too that are no longer in use."""
    return cut(request, response, LeadSource.objects.order_by("name", "pk"), asked)


@router.post("/lead-sources", auth=needs("lead:configure"), response={201: LeadSourceOut}, summary="Add a source")
def source_create(request, response: HttpResponse, sent: LeadSourceIn):
    """Add a source of leads, with what it costs a month."""
    source = create_source(sent.given(), by=request.member)
    response["ETag"] = etag(source.updated_at)
    return Status(201, source)


@router.put(
    "/lead-sources/{uuid:source_id}",
    auth=needs("lead:configure"),
    response=LeadSourceOut,
    summary="Change a source",
    openapi_extra=MAY_BE_VERSIONED,
)
def source_update(request, response: HttpResponse, source_id: str, sent: LeadSourceChange):
    """Change the fields that are sent. A source that is no longer used is taken out of use, not deleted."""
    source = get_object_or_404(LeadSource.objects.select_for_update(), pk=source_id)
    check_version(request, source.updated_at, current=lambda: LeadSourceOut.from_orm(source), is_required=False)
    source = change_source(source, sent.given(), by=request.member)
    response["ETag"] = etag(source.updated_at)
    return source
