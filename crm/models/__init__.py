from crm.models.activity import LeadActivity, Opportunity
from crm.models.answer import LeadAnswer
from crm.models.assignment import AssignmentChange, AssignmentRule, AssignmentShare, PostalArea
from crm.models.bulk_act import BulkAct, BulkActLead
from crm.models.choices import (
    ActivityType,
    Blocker,
    CallOutcome,
    DelayUnit,
    Direction,
    FollowUpAction,
    LeadStatus,
    LostReason,
    MessageChannel,
    PatientRelationship,
    PreferredContact,
    ProcedureCode,
    Recurrence,
    SourceCategory,
    TaskPriority,
    TaskStatus,
    TaskType,
    TreatmentInterest,
    Trigger,
)
from crm.models.commission import Commission, CommissionMonth, CommissionRule
from crm.models.conversion import ConvertedPatient, LeadConversion
from crm.models.disagreement import Disagreement
from crm.models.document import LeadDocument
from crm.models.duplicate import DuplicatePair, DuplicateSweep, LeadMatchKey, LeadMerge
from crm.models.figure import FigureFacts, FigureKind, FigureLine, FigureMove, StaleLead
from crm.models.figure_import import FigureImport
from crm.models.follow_up import FollowUpRule
from crm.models.follow_up_run import FollowUpRun, RunOutcome
from crm.models.household import ContactPoint, Household, LeadContactPoint
from crm.models.kpi_event import KpiEvent, KpiKind
from crm.models.lead import Lead
from crm.models.lead_clock import LeadClock
from crm.models.lead_form import LeadForm
from crm.models.lead_import import LeadImport, LeadImportRow
from crm.models.month_close import MonthClose
from crm.models.month_tally import LeadMonth
from crm.models.pipeline import PipelineStage, StageChange, TaskTemplate
from crm.models.purge import PurgeRun
from crm.models.report import ReportDelivery, ReportKind, ReportSubscription
from crm.models.source import AdCampaign, LeadSource, ReferringProvider, Touchpoint
from crm.models.spend import AdSpend
from crm.models.submission import LeadSubmission
from crm.models.tag import LeadTag
from crm.models.tally import LeadTally
from crm.models.task import LeadTask
from crm.models.task_act import TaskAct, TaskActRow
from crm.models.word import LeadWord

__all__ = [
    "ActivityType",
    "AdCampaign",
    "AdSpend",
    "AssignmentChange",
    "AssignmentRule",
    "AssignmentShare",
    "Blocker",
    "BulkAct",
    "BulkActLead",
    "CallOutcome",
    "Commission",
    "CommissionMonth",
    "CommissionRule",
    "ContactPoint",
    "ConvertedPatient",
    "DelayUnit",
    "Direction",
    "Disagreement",
    "DuplicatePair",
    "DuplicateSweep",
    "FigureFacts",
    "FigureImport",
    "FigureKind",
    "FigureLine",
    "FigureMove",
    "FollowUpAction",
    "FollowUpRule",
    "FollowUpRun",
    "Household",
    "KpiEvent",
    "KpiKind",
    "Lead",
    "LeadActivity",
    "LeadAnswer",
    "LeadClock",
    "LeadContactPoint",
    "LeadConversion",
    "LeadDocument",
    "LeadForm",
    "LeadImport",
    "LeadImportRow",
    "LeadMatchKey",
    "LeadMerge",
    "LeadMonth",
    "LeadSource",
    "LeadStatus",
    "LeadSubmission",
    "LeadTag",
    "LeadTally",
    "LeadTask",
    "LeadWord",
    "LostReason",
    "MessageChannel",
    "MonthClose",
    "Opportunity",
    "PatientRelationship",
    "PipelineStage",
    "PostalArea",
    "PreferredContact",
    "ProcedureCode",
    "PurgeRun",
    "Recurrence",
    "ReferringProvider",
    "ReportDelivery",
    "ReportKind",
    "ReportSubscription",
    "RunOutcome",
    "SourceCategory",
    "StageChange",
    "StaleLead",
    "TaskAct",
    "TaskActRow",
    "TaskPriority",
    "TaskStatus",
    "TaskTemplate",
    "TaskType",
    "Touchpoint",
    "TreatmentInterest",
    "Trigger",
]
