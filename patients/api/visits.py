"""What has happened: the visits of patients."""

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from clinics.api_access import needs
from clinics.api_fields import MOST_CENTS, Moment, Named, PastMoment, Sent, chosen, named, text
from clinics.api_paging import Listed, PageAsked, cut
from clinics.audit import record, record_read
from clinics.models import Location
from patients.models import EmrSystem, Patient, Provider, Visit, VisitSource
from patients.visits import record_visit

router = Router(tags=["Visits"])
ROWS = {
    "patient": lambda: Patient.objects.present(),
    "provider": lambda: Provider.objects.all(),
    "location": lambda: Location.objects.all(),
}


class VisitOut(Schema):
    id: UUID
    patient: Named
    visit_date: datetime
    visit_type: str
    location: Named | None
    provider: Named | None
    source: VisitSource
    emr_system: EmrSystem | None
    external_id: str | None
    appointment: UUID | None
    procedures: list[str]
    revenue_cents: int | None = Field(description="What was charged.")
    collected_cents: int = Field(description="What was paid for it so far, refunds taken off.")
    created_at: datetime


class VisitsAsked(PageAsked):
    since: Moment | None = Field(None, description="Those at this moment or later.")
    until: Moment | None = Field(None, description="Those before this moment.")
    patient: UUID | None = None
    provider: UUID | None = None
    location: UUID | None = None
    source: VisitSource | None = None


class VisitIn(Sent):
    """A visit that has happened."""

    patient: UUID
    visit_date: PastMoment = Field(examples=["2026-11-02T15:00:00Z"])
    visit_type: text(120) = Field("", examples=["Adjustment"])
    provider: UUID | None = None
    location: UUID | None = None
    procedures: list[text(120, least=1)] = Field([], max_length=50)
    revenue_cents: int | None = Field(None, ge=0, le=MOST_CENTS)
    external_id: text(120, least=1) | None = Field(None, description="The same id twice is refused.")
    notes: text(5000) = ""


@router.get("/visits", auth=needs("patient:read"), response=Listed[VisitOut], summary="List visits")
def visit_list(request, response: HttpResponse, asked: Query[VisitsAsked]):
    """Visits, newest first. That you read them stands on record."""
    asked_for = asked.model_dump(exclude_none=True, exclude={"page", "limit"})
    rows = Visit.objects.asked_for(asked_for).for_api().newest_first()
    listed = cut(request, response, rows, asked, draw=lambda page: [visit_out(each) for each in page])
    record("patients.visit.listed", by=request.member, metadata={"count": len(listed["items"])})
    return listed


@router.post("/visits", auth=needs("patient:update"), response={201: VisitOut}, summary="Write a visit down")
def visit_create(request, sent: VisitIn):
    """Write a visit down: the patient's last visit, rhythm and segment follow."""
    values = sent.given()
    values |= {name: chosen(ROWS[name](), values[name], field=name) for name in ROWS if name in values}
    if "external_id" in values:
        values["external_visit_id"] = values.pop("external_id")
    visit = record_visit(values.pop("patient"), values, by=request.member)
    return Status(201, visit_out(find_visit(visit.pk)))


@router.get("/visits/{uuid:visit_id}", auth=needs("patient:read"), response=VisitOut, summary="Read a visit")
def visit_detail(request, visit_id: str):
    """One visit. That you read it stands on record."""
    visit = find_visit(visit_id)
    record_read(visit.patient, by=request.member)
    return visit_out(visit)


def find_visit(visit_id):
    return get_object_or_404(Visit.objects.for_api(), pk=visit_id)


def visit_out(visit):
    same = ("id", "visit_date", "visit_type", "source", "procedures", "revenue_cents", "collected_cents", "created_at")
    return {name: getattr(visit, name) for name in same} | {
        "patient": named(visit.patient),
        "location": named(visit.location),
        "provider": named(visit.provider),
        "emr_system": visit.emr_system or None,
        "external_id": visit.external_visit_id,
        "appointment": visit.appointment_id,
    }
