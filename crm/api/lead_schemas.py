"""Leads as the API takes and gives them."""

from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from ninja import Field, Schema
from pydantic import field_validator

from clinics.api_fields import BirthDate, Cents, Day, Email, Named, Sent, text
from crm.models import (
    LeadStatus,
    LostReason,
    PatientRelationship,
    PipelineStage,
    PreferredContact,
    ProcedureCode,
    SourceCategory,
    TreatmentInterest,
)

PRIVATE = "Null, and refused, where the clinic keeps only the least of leads."


class StageOut(Schema):
    id: UUID
    name: str = Field(examples=["Contacted"])
    slug: str = Field(examples=["contacted"])
    kind: PipelineStage.Kind


class SourceOut(Schema):
    id: UUID
    name: str = Field(examples=["Google Ads"])
    category: SourceCategory


class LeadSummary(Schema):
    """A lead in a list."""

    id: UUID
    version: int = Field(examples=[7])
    status: LeadStatus
    stage: StageOut
    stage_entered_at: datetime
    first_name: str = Field(examples=["Nora"])
    last_name: str | None = Field(description=PRIVATE, examples=["Ray"])
    phone: str = Field(examples=["+13125550147"], description="E.164 where the number could be read.")
    email: str = Field(examples=["nora@example.com"])
    patient_first_name: str
    treatment_interest: list[TreatmentInterest]
    source: SourceOut
    assigned_to: Named | None
    expected_value_cents: int | None = Field(examples=[450_000])
    captured_at: datetime
    url: str = Field(examples=["/leads/0190b5f2-…/"])


class AnswerOut(Schema):
    """An answer to a question of the clinic's own."""

    name: str | None = Field(None, examples=["q_1f0a93c2"], description="The question, whatever its words.")
    question: str = Field(examples=["Which day suits you?"])
    answer: str = Field(examples=["Friday"])


class LeadOut(LeadSummary):
    """Everything that the clinic knows of a lead."""

    phone_alt: str
    preferred_contact: PreferredContact
    preferred_time: str
    patient_last_name: str | None = Field(description=PRIVATE)
    patient_dob: date | None = Field(description=PRIVATE)
    patient_relationship: PatientRelationship
    address_line1: str
    address_line2: str
    city: str
    state: str
    postal_code: str
    country: str
    source_campaign: str
    source_detail: str
    ad_platform: str
    ad_campaign: Named | None
    referring_provider: Named | None
    external_id: str | None
    location: Named | None
    household: UUID | None
    insurance_carrier: str | None = Field(description=PRIVATE)
    insurance_member_id: str | None = Field(description=PRIVATE)
    notes: str | None = Field(description=PRIVATE)
    tags: list[str]
    answers: list[AnswerOut] = Field(description="The latest, to questions of the clinic's own on its forms.")
    expected_date: date | None
    procedure_code: ProcedureCode | None
    assigned_at: datetime | None
    first_contacted_at: datetime | None
    converted_at: datetime | None
    lost_at: datetime | None
    lost_reason: LostReason | None
    lost_notes: str
    suggested_stage: StageOut | None = Field(
        description="Where a follow-up rule suggests to move the lead, to Lost for one; nothing moves by itself."
    )
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime


class LeadFields(Sent):
    """What may be said of a lead. Fields that are not sent stay as they are."""

    first_name: text(80) = Field("", examples=["Nora"])
    last_name: text(80) = Field("", description=PRIVATE, examples=["Ray"])
    phone: text(40) = Field("", examples=["(312) 555-0147"], description="As people write it; kept in E.164 too.")
    phone_alt: text(40) = ""
    email: Email = Field("", examples=["nora@example.com"])
    preferred_contact: PreferredContact = PreferredContact.PHONE
    preferred_time: text(80) = ""
    patient_first_name: text(80) = ""
    patient_last_name: text(80) = Field("", description=PRIVATE)
    patient_dob: BirthDate | None = Field(None, description=PRIVATE)
    patient_relationship: PatientRelationship = PatientRelationship.SELF
    address_line1: text(160) = ""
    address_line2: text(160) = ""
    city: text(80) = ""
    state: text(80) = ""
    postal_code: text(20) = ""
    country: text(60) = ""
    source: UUID | None = Field(None, description="See /api/lead-sources.")
    source_campaign: text(160) = ""
    source_detail: text(255) = ""
    ad_platform: text(40) = ""
    ad_campaign: UUID | None = None
    referring_provider: UUID | None = None
    external_id: text(120) | None = Field(None, description="Your own id of this lead, unique in the clinic.")
    location: UUID | None = None
    treatment_interest: list[TreatmentInterest] = Field([], max_length=20)
    insurance_carrier: text(120) = Field("", description=PRIVATE)
    insurance_member_id: text(120) = Field("", description=PRIVATE)
    notes: text(5000) = Field("", description=PRIVATE)

    @field_validator("email")
    @classmethod
    def is_an_address(cls, value):
        if value:
            try:
                validate_email(value)
            except ValidationError as error:
                raise ValueError(_("This is no e-mail address.")) from error
        return value


class LeadIn(LeadFields):
    """A new lead: a name, a phone number or an e-mail address is enough."""

    assigned_to: UUID | None = Field(None, description="A coordinator; asks for `lead:assign`. Else whose turn it is.")
    expected_value_cents: Cents | None = Field(None, examples=[450_000])
    if_known: str = Field(
        "create",
        pattern="^(create|refuse)$",
        description="`refuse` answers 409 if somebody with this phone number or e-mail is here already.",
    )


class LeadChange(LeadFields):
    """What is known otherwise, or better. Fields that are not sent stay as they are."""

    expected_value_cents: Cents | None = Field(None, examples=[450_000])
    expected_date: Day | None = Field(None, description="By when; together with an expected value.")
    procedure_code: ProcedureCode | None = None


class MatchOut(Schema):
    """Somebody who may be the same person, or of the same family."""

    id: UUID
    name: str = Field(examples=["Nora Ray"])
    by: str = Field(description="What is alike: phone, email or name.", examples=["phone"])
    stage: str
    status: LeadStatus


class CreatedLead(LeadOut):
    """The new lead, and who was here already with the same phone number or e-mail."""

    possible_duplicates: list[MatchOut]


class StageIn(Sent):
    stage: UUID = Field(description="See /api/pipeline-stages.")
    lost_reason: LostReason | None = Field(None, description="Needed for the stage of lost leads.")
    lost_notes: text(2000) = ""


class AssignIn(Sent):
    assigned_to: UUID = Field(description="A coordinator or clinic admin: the id of their membership.")


class LostIn(Sent):
    lost_reason: LostReason
    lost_notes: text(2000) = ""


class ReopenIn(Sent):
    stage: UUID = Field(description="A stage of kind OPEN.")
