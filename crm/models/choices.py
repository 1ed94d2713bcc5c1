from django.db import models
from django.utils.translation import gettext_lazy as _


class LeadStatus(models.TextChoices):
    NEW = "NEW", _("New")
    ACTIVE = "ACTIVE", _("Active")
    CONVERTED = "CONVERTED", _("Converted")
    LOST = "LOST", _("Lost")
    ARCHIVED = "ARCHIVED", _("Archived")


class PatientRelationship(models.TextChoices):
    SELF = "SELF", _("Themselves")
    CHILD = "CHILD", _("Child")
    SPOUSE = "SPOUSE", _("Spouse")
    OTHER = "OTHER", _("Somebody else")


class PreferredContact(models.TextChoices):
    PHONE = "PHONE", _("Phone")
    EMAIL = "EMAIL", _("E-mail")
    TEXT = "TEXT", _("Text")
    ANY = "ANY", _("Any")


class TreatmentInterest(models.TextChoices):
    """What people ask for: each kind of practice offers its own part of the list."""

    BRACES_METAL = "BRACES_METAL", _("Metal braces")
    BRACES_CLEAR = "BRACES_CLEAR", _("Clear braces")
    INVISALIGN = "INVISALIGN", _("Invisalign")
    RETAINER = "RETAINER", _("Retainer")
    SECOND_OPINION = "SECOND_OPINION", _("Second opinion")
    GENERAL_INQUIRY = "GENERAL_INQUIRY", _("General inquiry")
    BOTOX = "BOTOX", _("Botox")
    FILLER = "FILLER", _("Filler")
    LASER = "LASER", _("Laser")
    SURGERY = "SURGERY", _("Surgery")
    BACK_PAIN = "BACK_PAIN", _("Back pain")
    NECK_PAIN = "NECK_PAIN", _("Neck pain")
    SPORTS_INJURY = "SPORTS_INJURY", _("Sports injury")
    PRENATAL_CARE = "PRENATAL_CARE", _("Prenatal care")


INTERESTS_OF_PRESET = {
    "ORTHODONTICS": ["BRACES_METAL", "BRACES_CLEAR", "INVISALIGN", "RETAINER", "SECOND_OPINION", "GENERAL_INQUIRY"],
    "MED_SPA": ["BOTOX", "FILLER", "LASER", "SURGERY", "SECOND_OPINION", "GENERAL_INQUIRY"],
    "CHIROPRACTIC": ["BACK_PAIN", "NECK_PAIN", "SPORTS_INJURY", "PRENATAL_CARE", "SECOND_OPINION", "GENERAL_INQUIRY"],
}


def interests_offered(clinic):
    """The (value, label) pairs of treatment interests that this kind of practice asks for."""
    return [(value, TreatmentInterest(value).label) for value in INTERESTS_OF_PRESET[clinic.preset]]


class ProcedureCode(models.TextChoices):
    BTX = "BTX", _("Botox")
    FILLER = "FILLER", _("Dermal filler")
    LASER = "LASER", _("Laser treatment")
    RHINO = "RHINO", _("Rhinoplasty")
    BREAST = "BREAST", _("Breast augmentation")
    TUMMY = "TUMMY", _("Tummy tuck")
    FACE = "FACE", _("Facelift")


class LostReason(models.TextChoices):
    CHOSE_COMPETITOR = "CHOSE_COMPETITOR", _("Chose a competitor")
    COST_FINANCIAL = "COST_FINANCIAL", _("Cost or financing")
    TIMING_NOT_RIGHT = "TIMING_NOT_RIGHT", _("Timing not right")
    NOT_A_CANDIDATE = "NOT_A_CANDIDATE", _("Not a candidate")
    NO_RESPONSE = "NO_RESPONSE", _("No response")
    INSURANCE_ISSUES = "INSURANCE_ISSUES", _("Insurance")
    RELOCATED = "RELOCATED", _("Moved away")
    OTHER = "OTHER", _("Other")


class SourceCategory(models.TextChoices):
    DOCTOR_REFERRAL = "DOCTOR_REFERRAL", _("Doctor referral")
    PATIENT_REFERRAL = "PATIENT_REFERRAL", _("Patient referral")
    WEB_ORGANIC = "WEB_ORGANIC", _("Web, organic search")
    WEB_PAID = "WEB_PAID", _("Web, paid advertising")
    WEB_SOCIAL = "WEB_SOCIAL", _("Web, social media")
    PRINT_AD = "PRINT_AD", _("Print advertising")
    COMMUNITY_EVENT = "COMMUNITY_EVENT", _("Community event")
    SCHOOL_SCREENING = "SCHOOL_SCREENING", _("School screening")
    WALK_IN = "WALK_IN", _("Walk-in")
    OTHER = "OTHER", _("Other")


class ActivityType(models.TextChoices):
    PHONE_CALL = "PHONE_CALL", _("Call")
    EMAIL = "EMAIL", _("E-mail")
    SMS = "SMS", _("Text message")
    IN_PERSON = "IN_PERSON", _("Meeting")
    NOTE = "NOTE", _("Note")
    STAGE_CHANGE = "STAGE_CHANGE", _("Stage changed")
    ASSIGNMENT_CHANGE = "ASSIGNMENT_CHANGE", _("Coordinator changed")
    TASK_COMPLETED = "TASK_COMPLETED", _("Task completed")
    DOCUMENT_SENT = "DOCUMENT_SENT", _("Document sent")
    DOCUMENT_ADDED = "DOCUMENT_ADDED", _("Document added")
    CONSULTATION_SCHEDULED = "CONSULTATION_SCHEDULED", _("Consultation booked")
    CONSULTATION_COMPLETED = "CONSULTATION_COMPLETED", _("Consultation completed")
    FORM_SUBMIT = "FORM_SUBMIT", _("Inquiry")
    TAG_ADDED = "TAG_ADDED", _("Tag added")


class Direction(models.TextChoices):
    INBOUND = "INBOUND", _("Incoming")
    OUTBOUND = "OUTBOUND", _("Outgoing")


class CallOutcome(models.TextChoices):
    SPOKE = "SPOKE", _("Spoke")
    VOICEMAIL = "VOICEMAIL", _("Voicemail")
    NO_ANSWER = "NO_ANSWER", _("No answer")
    WRONG_NUMBER = "WRONG_NUMBER", _("Wrong number")


class TaskType(models.TextChoices):
    CALL = "CALL", _("Call")
    EMAIL = "EMAIL", _("E-mail")
    SMS = "SMS", _("Text message")
    FOLLOW_UP = "FOLLOW_UP", _("Follow up")
    CONSULTATION_CONFIRM = "CONSULTATION_CONFIRM", _("Confirm consultation")
    PAPERWORK_REMINDER = "PAPERWORK_REMINDER", _("Paperwork")
    CUSTOM = "CUSTOM", _("Other")


class TaskPriority(models.TextChoices):
    LOW = "LOW", _("Low")
    NORMAL = "NORMAL", _("Normal")
    HIGH = "HIGH", _("High")
    URGENT = "URGENT", _("Urgent")


class TaskStatus(models.TextChoices):
    PENDING = "PENDING", _("To do")
    IN_PROGRESS = "IN_PROGRESS", _("In hand")
    COMPLETED = "COMPLETED", _("Done")
    CANCELLED = "CANCELLED", _("Cancelled")
    OVERDUE = "OVERDUE", _("Overdue")


class Recurrence(models.TextChoices):
    """How often a task comes back once it is done."""

    NEVER = "", _("Once")
    DAILY = "DAILY", _("Every day")
    WEEKDAYS = "WEEKDAYS", _("Every weekday")
    WEEKLY = "WEEKLY", _("Every week")
    FORTNIGHTLY = "FORTNIGHTLY", _("Every two weeks")
    MONTHLY = "MONTHLY", _("Every month")


class Blocker(models.TextChoices):
    """What stands between a consultation and a yes."""

    COST = "COST", _("Cost")
    TIMING = "TIMING", _("Timing")
    INSURANCE = "INSURANCE", _("Insurance")
    CONFIDENCE = "CONFIDENCE", _("Confidence")


class Trigger(models.TextChoices):
    """What sets off a follow-up rule."""

    LEAD_CREATED = "LEAD_CREATED", _("A lead comes in")
    STAGE_ENTERED = "STAGE_ENTERED", _("A lead enters a stage")
    STUCK_DAYS = "STUCK_DAYS", _("A lead has been in a stage for days")
    NO_CONTACT_HOURS = "NO_CONTACT_HOURS", _("Nobody has contacted a new lead for hours")
    NO_RESPONSE = "NO_RESPONSE", _("Attempts stay without an answer")
    APPOINTMENT_BOOKED = "APPOINTMENT_BOOKED", _("A consultation is booked")
    APPOINTMENT_DONE = "APPOINTMENT_DONE", _("A consultation has taken place")
    APPOINTMENT_MISSED = "APPOINTMENT_MISSED", _("A consultation was missed")


class FollowUpAction(models.TextChoices):
    """What a follow-up rule does."""

    TASK = "TASK", _("Set a task")
    MESSAGE = "MESSAGE", _("Send a message")
    ESCALATE = "ESCALATE", _("Tell the manager")
    SUGGEST = "SUGGEST", _("Suggest a stage")
    TAG = "TAG", _("Put a tag on")


class DelayUnit(models.TextChoices):
    """In what a follow-up rule counts its delay: time in which the clinic is open."""

    MINUTES = "MINUTES", _("minutes of business hours")
    HOURS = "HOURS", _("business hours")
    DAYS = "DAYS", _("business days")


class MessageChannel(models.TextChoices):
    EMAIL = "EMAIL", _("E-mail")
    SMS = "SMS", _("Text message")
