from patients.models.appointment import Appointment
from patients.models.bulk_act import PatientAct, PatientActRow
from patients.models.choices import (
    AppointmentStatus,
    CancellationReason,
    Channel,
    ContactPriority,
    EmrSystem,
    PaymentKind,
    PaymentMethod,
    ProviderRole,
    RecallOutcome,
    RiskLevel,
    Segment,
    VisitSource,
)
from patients.models.consent import ConsentSource, PatientConsent, Purpose
from patients.models.document import PatientDocument
from patients.models.duplicate import PatientMerge, PatientPair, PatientSweep
from patients.models.emr import EmrConnection, EmrFile, EmrRun
from patients.models.emr_link import EmrKey, EmrWrite
from patients.models.emr_record import EmrChange, EmrIssue, EmrRecord
from patients.models.freed_time import FreedTime, WaitlistOffer
from patients.models.hours import ScheduleBlock, WorkingHours
from patients.models.match_key import PatientMatchKey
from patients.models.patient import Patient, PatientHousehold, SegmentChange
from patients.models.payment_import import PaymentImport
from patients.models.provider import AppointmentType, Provider, ProviderType
from patients.models.recall import RecallContact
from patients.models.room import Room, RoomKind
from patients.models.tag import PatientTag
from patients.models.visit import Payment, Visit
from patients.models.waitlist import PartOfDay, WaitlistEntry, WaitlistStatus
from patients.models.word import PatientWord

__all__ = [
    "Appointment",
    "AppointmentStatus",
    "AppointmentType",
    "CancellationReason",
    "Channel",
    "ConsentSource",
    "ContactPriority",
    "EmrChange",
    "EmrConnection",
    "EmrFile",
    "EmrIssue",
    "EmrKey",
    "EmrRecord",
    "EmrRun",
    "EmrSystem",
    "EmrWrite",
    "FreedTime",
    "PartOfDay",
    "Patient",
    "PatientAct",
    "PatientActRow",
    "PatientConsent",
    "PatientDocument",
    "PatientHousehold",
    "PatientMatchKey",
    "PatientMerge",
    "PatientPair",
    "PatientSweep",
    "PatientTag",
    "PatientWord",
    "Payment",
    "PaymentImport",
    "PaymentKind",
    "PaymentMethod",
    "Provider",
    "ProviderRole",
    "ProviderType",
    "Purpose",
    "RecallContact",
    "RecallOutcome",
    "RiskLevel",
    "Room",
    "RoomKind",
    "ScheduleBlock",
    "Segment",
    "SegmentChange",
    "Visit",
    "VisitSource",
    "WaitlistEntry",
    "WaitlistOffer",
    "WaitlistStatus",
    "WorkingHours",
]
