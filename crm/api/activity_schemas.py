"""Activities and tasks as the API takes and gives them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Field, Schema
from pydantic import model_validator

from clinics.api_fields import Moment, Named, PastMoment, Sent, text
from crm.models import ActivityType, CallOutcome, Direction, TaskPriority, TaskStatus, TaskType

# What a program may write down; the rest of the timeline is written by what happens.
Loggable = Literal[
    "PHONE_CALL",
    "EMAIL",
    "SMS",
    "IN_PERSON",
    "NOTE",
    "DOCUMENT_SENT",
    "CONSULTATION_SCHEDULED",
    "CONSULTATION_COMPLETED",
]


class ActivityOut(Schema):
    id: UUID
    type: ActivityType
    direction: Direction | None
    outcome: CallOutcome | None
    notes: str
    duration_minutes: int | None
    previous_stage: str | None = Field(description="Of a change of stage: where the lead stood.")
    new_stage: str | None = Field(description="Of a change of stage: where it went.")
    occurred_at: datetime
    created_at: datetime
    created_by: Named | None


class ActivityIn(Sent):
    """Something that happened with a lead. A call has an outcome."""

    type: Loggable = Field(examples=["PHONE_CALL"])
    direction: Direction | None = Field(
        None,
        description="OUTBOUND, if it is not said of a call, an e-mail, a text or a meeting.",
        examples=["OUTBOUND"],
    )
    outcome: CallOutcome | None = Field(None, examples=["VOICEMAIL"])
    notes: text(5000) = ""
    duration_minutes: int | None = Field(None, ge=0, le=1440)
    occurred_at: PastMoment | None = Field(None, description="Now, if it is not said.")

    @model_validator(mode="after")
    def says_what_came_of_it(self):
        if self.type == ActivityType.PHONE_CALL and self.outcome is None:
            raise ValueError(_("Say what came of the call."))
        if self.type == ActivityType.NOTE and not self.notes:
            raise ValueError(_("A note has words."))
        return self


class TaskOut(Schema):
    id: UUID
    lead: UUID
    title: str
    description: str
    type: TaskType
    priority: TaskPriority
    status: TaskStatus
    is_overdue: bool
    assigned_to: Named | None
    due_at: datetime
    reminder_at: datetime | None
    completed_at: datetime | None
    completed_by: Named | None
    created_at: datetime
    updated_at: datetime


class TaskIn(Sent):
    title: text(200, least=1) = Field(examples=["Call back about the price"])
    description: text(5000) = ""
    type: TaskType = TaskType.FOLLOW_UP
    priority: TaskPriority = TaskPriority.NORMAL
    assigned_to: UUID | None = Field(None, description="Somebody who works on leads; else the lead's coordinator.")
    due_at: Moment = Field(examples=["2026-11-25T09:30:00-05:00"])
    reminder_at: Moment | None = None


class TaskChange(Sent):
    """Fields that are not sent stay as they are."""

    title: text(200, least=1) = ""
    description: text(5000) = ""
    type: TaskType = TaskType.FOLLOW_UP
    priority: TaskPriority = TaskPriority.NORMAL
    assigned_to: UUID = Field(None, description="Somebody who works on leads.")
    due_at: Moment = Field(None)
    reminder_at: Moment | None = None
    status: Literal["PENDING", "IN_PROGRESS", "CANCELLED"] = Field(
        "PENDING", description="Completing has its own verb."
    )
