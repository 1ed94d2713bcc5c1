"""What a new clinic starts with, by kind of practice; its admin changes all of it afterwards."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.text import slugify

from clinics.tenancy import clinic_scope
from crm.models import LeadSource, PipelineStage, SourceCategory, Tag, TaskPriority, TaskTemplate, TaskType

OPEN, WON, LOST = PipelineStage.Kind.OPEN, PipelineStage.Kind.WON, PipelineStage.Kind.LOST

SOURCES = [
    ("Doctor referral", SourceCategory.DOCTOR_REFERRAL),
    ("Patient referral", SourceCategory.PATIENT_REFERRAL),
    ("Google search", SourceCategory.WEB_ORGANIC),
    ("Google Ads", SourceCategory.WEB_PAID),
    ("Meta Ads", SourceCategory.WEB_PAID),
    ("Instagram", SourceCategory.WEB_SOCIAL),
    ("Print advertising", SourceCategory.PRINT_AD),
    ("Community event", SourceCategory.COMMUNITY_EVENT),
    ("Walk-in", SourceCategory.WALK_IN),
    ("Not asked", SourceCategory.OTHER),
]
# title, type, priority, due after minutes
TASKS = [
    ("First call", TaskType.CALL, TaskPriority.URGENT, 5),
    ("Confirm the consultation", TaskType.CONSULTATION_CONFIRM, TaskPriority.HIGH, 24 * 60),
    ("Follow up after the consultation", TaskType.FOLLOW_UP, TaskPriority.NORMAL, 3 * 24 * 60),
    ("Check-in call", TaskType.CALL, TaskPriority.NORMAL, 7 * 24 * 60),
    ("Send the paperwork", TaskType.PAPERWORK_REMINDER, TaskPriority.NORMAL, 24 * 60),
]


@dataclass(frozen=True)
class Preset:
    """`stages` are (name, kind, days at most, title of the task on entry)."""

    stages: tuple
    tags: tuple
    more_sources: tuple = ()


EIGHT_STAGES = (
    ("New Lead", OPEN, 1, "First call"),
    ("Contacted", OPEN, 7, ""),
    ("Consultation Scheduled", OPEN, 21, "Confirm the consultation"),
    ("Consultation Completed", OPEN, 5, "Follow up after the consultation"),
    ("Pending Decision", OPEN, 14, "Check-in call"),
    ("Treatment Accepted", OPEN, 14, "Send the paperwork"),
    ("Treatment Started", WON, None, ""),
    ("Lost", LOST, None, ""),
)

PRESETS = {
    "ORTHODONTICS": Preset(
        EIGHT_STAGES,
        (("Family", "dot-1"), ("Insurance", "dot-2"), ("Second opinion", "dot-3"), ("Wants evenings", "dot-4")),
        (("School screening", SourceCategory.SCHOOL_SCREENING),),
    ),
    "MED_SPA": Preset(
        (
            ("New", OPEN, 1, "First call"),
            ("Contacted", OPEN, 7, ""),
            ("Consult Booked", OPEN, 21, "Confirm the consultation"),
            ("Won", WON, None, ""),
            ("Lost", LOST, None, ""),
        ),
        (("Botox", "dot-1"), ("Filler", "dot-2"), ("Laser", "dot-3"), ("Surgery", "dot-4")),
    ),
    "CHIROPRACTIC": Preset(
        (
            ("New Inquiry", OPEN, 1, "First call"),
            ("Contacted", OPEN, 5, ""),
            ("First Visit Booked", OPEN, 14, "Confirm the consultation"),
            ("Care Plan Presented", OPEN, 7, "Follow up after the consultation"),
            ("In Care", WON, None, ""),
            ("Lost", LOST, None, ""),
        ),
        (("Accident", "dot-1"), ("Sports", "dot-2"), ("Prenatal", "dot-3"), ("Insurance", "dot-4")),
        (("Local gym", SourceCategory.COMMUNITY_EVENT),),
    ),
}


@transaction.atomic
def load_preset(clinic):
    """Give a new clinic the stages, sources, tags and task templates of its kind of practice. Safe to repeat."""
    preset = PRESETS[clinic.preset]
    with clinic_scope(clinic):
        templates = {
            title: TaskTemplate.objects.get_or_create(
                title=title, defaults={"type": type, "priority": priority, "due_after_minutes": minutes}
            )[0]
            for title, type, priority, minutes in TASKS
        }
        for order, (name, kind, days, task) in enumerate(preset.stages, start=1):
            PipelineStage.objects.get_or_create(
                slug=slugify(name).replace("-", "_"),
                defaults={
                    "name": name,
                    "order": order * 10,
                    "kind": kind,
                    "is_terminal": kind != OPEN,
                    "is_default": order == 1,
                    "max_days_in_stage": days,
                    "auto_task_template": templates.get(task),
                },
            )
        for name, category in (*SOURCES, *preset.more_sources):
            LeadSource.objects.get_or_create(name=name, defaults={"category": category})
        for name, color in preset.tags:
            Tag.objects.get_or_create(name=name, defaults={"color": color})
