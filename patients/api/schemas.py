"""Patients as the API takes and gives them."""

from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from ninja import Field, Schema
from pydantic import field_validator

from clinics.api_fields import BirthDate, Email, Named, Sent, text
from patients.models import Channel, ContactPriority, EmrSystem, RiskLevel, Segment


class PatientSummary(Schema):
    """A patient in a list."""

    id: UUID
    version: int = Field(examples=[3])
    first_name: str = Field(examples=["Iris"])
    last_name: str = Field(examples=["Falk"])
    phone: str = Field(examples=["+13125550147"], description="E.164 where the number could be read.")
    email: str = Field(examples=["iris@example.com"])
    segment: Segment
    contact_priority: ContactPriority | None
    churn_risk_level: RiskLevel | None
    churn_risk_score: float | None = Field(description="From 0 to 1.")
    location: Named | None
    provider: Named | None
    last_visit_at: datetime | None
    next_appointment_at: datetime | None
    do_not_contact: bool
    url: str = Field(examples=["/patients/0190b5f2-…/"])


class ConsentOut(Schema):
    channel: Channel
    purpose: str = Field(examples=["NEWS"])
    is_given: bool
    decided_at: datetime
    wording: str


class PatientOut(PatientSummary):
    """Everything that the clinic knows of a patient."""

    phone_alt: str
    date_of_birth: date | None
    preferred_channel: Channel
    preferred_language: str
    address_line1: str
    address_line2: str
    city: str
    state: str
    postal_code: str
    country: str
    notes: str
    household: UUID | None
    responsible_party: Named | None = Field(description="Who pays; null for patients who pay for themselves.")
    emr_system: EmrSystem | None
    external_id: str | None
    contact_priority_score: float | None
    contact_priority_factors: list
    first_visit_at: datetime | None
    visit_count: int
    usual_interval_days: int | None
    recall_due_on: date | None
    tags: list[str]
    consents: list[ConsentOut]
    created_at: datetime
    updated_at: datetime


class PatientFields(Sent):
    """What may be said of a patient. Fields that are not sent stay as they are."""

    first_name: text(80) = Field("", examples=["Iris"])
    last_name: text(80) = Field("", examples=["Falk"])
    phone: text(40) = Field("", examples=["(312) 555-0147"], description="As people write it; kept in E.164 too.")
    phone_alt: text(40) = ""
    email: Email = Field("", examples=["iris@example.com"])
    date_of_birth: BirthDate | None = None
    preferred_channel: Channel = Channel.SMS
    address_line1: text(160) = ""
    address_line2: text(160) = ""
    city: text(80) = ""
    state: text(80) = ""
    postal_code: text(20) = ""
    country: text(60) = ""
    notes: text(5000) = ""
    do_not_contact: bool = False
    location: UUID | None = None
    provider: UUID | None = None
    responsible_party: UUID | None = Field(None, description="The id of the patient who pays.")
    emr_system: EmrSystem | None = None
    external_id: text(120) | None = None

    @field_validator("email")
    @classmethod
    def email_reads_like_one(cls, value):
        if value:
            try:
                validate_email(value)
            except ValidationError as error:
                raise ValueError(_("This is no e-mail address.")) from error
        return value


class PatientIn(PatientFields):
    """A new patient: a name, a phone number or an e-mail is enough."""


class PatientChange(PatientFields):
    """Fields of a patient to change."""
