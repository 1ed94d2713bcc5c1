"""The figures of a period; what each of them counts is said in crm/analytics.py."""

from datetime import date
from typing import Annotated

from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema
from pydantic import model_validator

from clinics.api_access import needs
from clinics.api_fields import Day, Named, named
from crm.analytics import Period, read_coordinators, read_funnel, read_lost_reasons, read_sources
from crm.api.lead_schemas import SourceOut, StageOut
from crm.figures.catching_up import leads_missing
from crm.models import LostReason

router = Router(tags=["Analytics"])
LONGEST = 3660  # days


class PeriodAsked(Schema):
    since: Day | None = Field(None, description="First day, in the clinic's time zone. Else 90 days before the last.")
    until: Day | None = Field(None, description="Last day. Else today.")

    @model_validator(mode="after")
    def ends_after_it_begins(self):
        period = self.period
        if not 0 <= (period.until - period.since).days <= LONGEST:
            raise ValueError(_("A period begins before it ends, and lasts ten years at most."))
        return self

    @property
    def period(self):
        return Period.asked(self.since, self.until)


class PeriodOut(Schema):
    since: date
    until: date


class StepOut(Schema):
    stage: StageOut
    reached: int = Field(description="Stand here or further on, or were lost from there.")
    now: int
    lost_here: int
    share_of_all: float | None
    share_of_previous: float | None


class FunnelOut(Schema):
    """How far the leads came that first asked within the period."""

    period: PeriodOut
    leads: int
    open: int
    converted: int
    lost: int
    archived: int
    conversion_rate: float | None = Field(examples=[0.31])
    average_days_to_convert: float | None = Field(examples=[23.5])
    steps: list[StepOut]


class SourceFiguresOut(Schema):
    source: SourceOut
    leads: int
    open: int
    converted: int
    lost: int
    share: float | None
    conversion_rate: float | None
    won_cents: int
    cost_cents: int | None = Field(description="What the source cost for the days of the period.")
    cost_per_lead_cents: int | None
    cost_per_acquisition_cents: int | None
    average_days_to_convert: float | None
    collected_cents: int = Field(description="What their patients have paid to date, refunds taken off.")
    return_on_spend: float | None = Field(description="Collected less cost, divided by cost.", examples=[3.0])


class CoordinatorFiguresOut(Schema):
    coordinator: Named | None
    leads: int
    open: int
    contacted: int
    converted: int
    lost: int
    conversion_rate: float | None
    won_cents: int
    median_minutes_to_contact: float | None
    average_days_to_convert: float | None


class LostFiguresOut(Schema):
    reason: LostReason
    leads: int
    share: float
    lost_cents: int


LeadsMissing = Annotated[
    int,
    Field(description="After a large import: so many leads are not yet in medians and in what was collected. Else 0."),
]


class SourcesOut(Schema):
    period: PeriodOut
    leads_missing: LeadsMissing
    sources: list[SourceFiguresOut]


class CoordinatorsOut(Schema):
    period: PeriodOut
    leads_missing: LeadsMissing
    coordinators: list[CoordinatorFiguresOut]


class LostReasonsOut(Schema):
    period: PeriodOut
    reasons: list[LostFiguresOut]


@router.get("/leads/analytics/funnel", auth=needs("lead:analytics"), response=FunnelOut, summary="Conversion funnel")
def analytics_funnel(request, asked: Query[PeriodAsked]):
    """How far the leads came that first asked within the period, stage by stage."""
    funnel = read_funnel(asked.period)
    return vars(funnel) | {"period": asked.period}


@router.get("/leads/analytics/sources", auth=needs("lead:analytics"), response=SourcesOut, summary="Sources compared")
def analytics_sources(request, asked: Query[PeriodAsked]):
    """What each source brought, and what a lead and a patient of it cost."""
    missing = leads_missing()
    return {"period": asked.period, "leads_missing": missing, "sources": read_sources(asked.period)}


@router.get(
    "/leads/analytics/coordinators",
    auth=needs("lead:analytics"),
    response=CoordinatorsOut,
    summary="Coordinators compared",
)
def analytics_coordinators(request, asked: Query[PeriodAsked]):
    """What became of the leads that each coordinator has."""
    missing = leads_missing()
    rows = [vars(row) | {"coordinator": named(row.member)} for row in read_coordinators(asked.period)]
    return {"period": asked.period, "leads_missing": missing, "coordinators": rows}


@router.get(
    "/leads/analytics/lost-reasons",
    auth=needs("lead:analytics"),
    response=LostReasonsOut,
    summary="Why leads were lost",
)
def analytics_lost_reasons(request, asked: Query[PeriodAsked]):
    """The reasons for which leads of the period are lost."""
    return {"period": asked.period, "reasons": read_lost_reasons(asked.period)}
