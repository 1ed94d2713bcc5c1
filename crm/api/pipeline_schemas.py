"""Sources and stages as the API takes and gives them."""

from datetime import datetime
from uuid import UUID

from ninja import Field, Schema

from clinics.api_fields import MOST_CENTS, Sent, text
from crm.models import PipelineStage, SourceCategory


class LeadSourceOut(Schema):
    id: UUID
    name: str = Field(examples=["Google Ads"])
    category: SourceCategory
    description: str
    is_active: bool
    monthly_cost_cents: int | None = Field(examples=[120_000])
    created_at: datetime
    updated_at: datetime


class LeadSourceIn(Sent):
    name: text(120, least=1) = Field(examples=["Google Ads"])
    category: SourceCategory
    description: text(2000) = ""
    is_active: bool = True
    monthly_cost_cents: int | None = Field(None, ge=0, le=MOST_CENTS, examples=[120_000])


class LeadSourceChange(LeadSourceIn):
    """Fields that are not sent stay as they are."""

    name: text(120, least=1) = Field("", examples=["Google Ads"])
    category: SourceCategory = SourceCategory.OTHER


class PipelineStageOut(Schema):
    id: UUID
    name: str = Field(examples=["Contacted"])
    slug: str = Field(examples=["contacted"])
    description: str
    order: int = Field(examples=[2])
    color: str
    kind: PipelineStage.Kind
    auto_task_template: UUID | None
    auto_message_template: str
    max_days_in_stage: int | None
    is_terminal: bool
    is_default: bool
    created_at: datetime
    updated_at: datetime


class PipelineStageIn(Sent):
    name: text(80, least=1) = Field(examples=["Second opinion"])
    slug: str = Field("", max_length=80, pattern="^[a-z0-9_-]*$", description="Made of the name, if it is not said.")
    description: text(2000) = ""
    order: int | None = Field(None, ge=1, le=1000, description="Its place; else the last one on the way.")
    color: str = Field("", max_length=20, pattern="^[a-z0-9-]*$")
    kind: PipelineStage.Kind = PipelineStage.Kind.OPEN
    auto_task_template: UUID | None = None
    auto_message_template: text(120) = ""
    max_days_in_stage: int | None = Field(None, ge=1, le=3650)
    is_default: bool = Field(False, description="Where new leads begin; there is one such stage.")


class PipelineStageChange(Sent):
    """Fields that are not sent stay as they are; the order has its own verb."""

    name: text(80, least=1) = ""
    slug: str = Field("", min_length=1, max_length=80, pattern="^[a-z0-9_-]+$")
    description: text(2000) = ""
    color: str = Field("", max_length=20, pattern="^[a-z0-9-]*$")
    kind: PipelineStage.Kind = PipelineStage.Kind.OPEN
    auto_task_template: UUID | None = None
    auto_message_template: text(120) = ""
    max_days_in_stage: int | None = Field(None, ge=1, le=3650)
    is_default: bool = False


class StageOrder(Sent):
    stages: list[UUID] = Field(max_length=200, description="The ids of all stages, in their new order.")
