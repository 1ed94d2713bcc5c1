"""Appointments and what is booked with them, as the API takes and gives them."""

from datetime import datetime
from uuid import UUID

from ninja import Field, Schema

from clinics.api_fields import Email, Moment, Named, Sent, text
from clinics.api_paging import PageAsked
from patients.models import AppointmentStatus, CancellationReason, EmrSystem

Minutes = Field(None, ge=5, le=600, examples=[30])


class AppointmentOut(Schema):
    id: UUID
    patient: Named | None
    contact_name: str = Field(description="Who comes, of somebody who is no patient yet.")
    contact_phone: str
    contact_email: str
    starts_at: datetime
    ends_at: datetime
    duration_minutes: int
    type: Named | None
    provider: Named | None
    room: Named | None
    location: Named | None
    status: AppointmentStatus
    is_request: bool = Field(description="A visitor asked for it online, and nobody has said yes or no.")
    confirmed_at: datetime | None
    checked_in_at: datetime | None
    cancellation_reason: CancellationReason | None
    cancellation_note: str
    notes: str
    estimated_revenue_cents: int | None
    no_show_risk_score: float | None
    no_show_risk_level: str | None
    emr_system: EmrSystem | None
    external_id: str | None
    replaces: UUID | None = Field(description="The appointment that this one was booked instead of.")
    version: int = Field(examples=[1])
    created_at: datetime
    updated_at: datetime


class AppointmentsAsked(PageAsked):
    since: Moment | None = Field(None, description="Those that begin at this moment or later.")
    until: Moment | None = Field(None, description="Those that begin before this moment.")
    status: AppointmentStatus | None = None
    patient: UUID | None = None
    provider: UUID | None = None
    location: UUID | None = None


class AppointmentIn(Sent):
    """An appointment of a patient, or of somebody known by name and phone number alone."""

    starts_at: Moment = Field(examples=["2026-12-07T14:00:00Z"])
    patient: UUID | None = None
    contact_name: text(160) = Field("", examples=["Ana Vega"])
    contact_phone: text(40) = Field("", examples=["+13125550101"])
    contact_email: Email = ""
    type: UUID | None = Field(None, description="Gives the duration and the price.")
    duration_minutes: int | None = Minutes
    provider: UUID | None = None
    room: UUID | None = None
    location: UUID | None = None
    notes: text(2000) = ""
    wants_mail: bool = Field(
        False, description="Tell them by e-mail or text message, as they prefer; also when it is moved or cancelled."
    )
    anyway: bool = Field(False, description="Outside of working hours too; never over another appointment.")


class AppointmentChange(Sent):
    """Where an appointment moves to: only what is sent changes."""

    starts_at: Moment | None = None
    duration_minutes: int | None = Minutes
    provider: UUID | None = None
    room: UUID | None = None
    notes: text(2000) | None = None
    anyway: bool = False


class Cancellation(Sent):
    reason: CancellationReason = Field(examples=["PATIENT"])
    note: text(500) = ""


class Slot(Schema):
    """A time that could be booked."""

    starts_at: datetime
    ends_at: datetime
    provider: Named


class SlotsAsked(Schema):
    type: UUID | None = Field(None, description="Gives the duration.")
    duration_minutes: int | None = Minutes
    provider: UUID | None = Field(None, description="Anybody, if it is not said.")
    after: Moment | None = Field(None, description="Now, if it is not said.")


class TypeOut(Schema):
    id: UUID
    name: str
    duration_minutes: int
    price_cents: int | None
    is_booked_online: bool


class ProviderOut(Schema):
    id: UUID
    name: str
    specialty: str
    location: Named | None
    is_booked_online: bool
