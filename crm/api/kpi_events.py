"""Key figure events: clicks, bookings, visits and paid invoices, told by other programs."""

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema, Status

from clinics.api_access import needs
from clinics.api_fields import Cents, Moment, Named, PastMoment, Sent, chosen, named, text
from clinics.api_paging import Listed, PageAsked, cut
from crm.kpi_events import note_event
from crm.models import AdCampaign, KpiEvent, KpiKind, Lead, LeadSource

router = Router(tags=["Events"])


class KpiEventOut(Schema):
    id: UUID
    kind: KpiKind
    lead: UUID | None
    source: Named | None
    ad_campaign: Named | None
    value_cents: int | None = Field(examples=[90_000])
    occurred_at: datetime
    metadata: dict
    external_id: str | None
    created_at: datetime


class KpiEventIn(Sent):
    """Something that counts. With the same `external_id` again nothing changes: what is kept is the answer."""

    kind: KpiKind
    occurred_at: PastMoment
    lead: UUID | None = None
    source: UUID | None = None
    ad_campaign: UUID | None = None
    value_cents: Cents | None = Field(None, description="What it was worth; a paid invoice has a value.")
    metadata: dict[text(80, least=1), text(500)] = Field({}, max_length=50)
    external_id: text(120, least=1) | None = None


class KpiEventsAsked(PageAsked):
    since: Moment | None = Field(None, description="Happened at this moment or later.")
    until: Moment | None = Field(None, description="Happened before this moment.")
    kind: KpiKind | None = None
    lead: UUID | None = None
    external_id: str | None = Field(None, max_length=120)


class AdCampaignOut(Schema):
    id: UUID
    name: str
    platform: str
    external_id: str = Field(description="The platform's number for it.")
    monthly_spend_cents: int = Field(description="The budget a month.", examples=[190_000])


@router.get(
    "/ad-campaigns", auth=needs("marketing:update"), response=Listed[AdCampaignOut], summary="List ad campaigns"
)
def ad_campaign_list(request, response: HttpResponse, asked: Query[PageAsked]):
    """The campaigns that leads and events may name, by name."""
    return cut(request, response, AdCampaign.objects.order_by("name", "pk"), asked)


@router.get("/kpi-events", auth=needs("marketing:update"), response=Listed[KpiEventOut], summary="List events")
def kpi_event_list(request, response: HttpResponse, asked: Query[KpiEventsAsked]):
    """Events, newest first."""
    rows = KpiEvent.objects.for_list().asked_for(asked.model_dump(exclude_none=True, exclude={"page", "limit"}))
    return cut(request, response, rows, asked, draw=lambda page: [event_out(each) for each in page])


@router.post(
    "/kpi-events",
    auth=needs("marketing:update"),
    response={200: KpiEventOut, 201: KpiEventOut},
    summary="Tell of an event",
)
def kpi_event_create(request, sent: KpiEventIn):
    """Keep an event: 201 if it is new, 200 with what is kept if its external id is known already."""
    values = sent.given()
    for name, rows in (
        ("lead", Lead.objects.present()),
        ("source", LeadSource.objects.all()),
        ("ad_campaign", AdCampaign.objects.all()),
    ):
        if name in values:
            values[name] = chosen(rows, values[name], field=name)
    event, is_new = note_event(values, by=request.member)
    return Status(201 if is_new else 200, event_out(event))


def event_out(event):
    same = ("id", "kind", "value_cents", "occurred_at", "metadata", "external_id", "created_at")
    return {name: getattr(event, name) for name in same} | {
        "lead": event.lead_id,
        "source": named(event.source),
        "ad_campaign": named(event.ad_campaign),
    }
