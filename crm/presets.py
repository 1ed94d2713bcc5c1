"""What a new clinic starts with, by kind of practice, in its language; its admin changes all of it afterwards."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

from clinics.models import Tag
from clinics.tenancy import clinic_scope
from crm.following_up.usual import usual_rules
from crm.lead_forms import open_usual_forms
from crm.models import FollowUpRule, LeadSource, PipelineStage, SourceCategory, TaskPriority, TaskTemplate, TaskType
from patients.presets import load_appointment_types

OPEN, WON, LOST = PipelineStage.Kind.OPEN, PipelineStage.Kind.WON, PipelineStage.Kind.LOST
NOTHING, APPOINTMENT, VALUE = PipelineStage.Asks
# What a stage says of the schedule, by its slug: migration 0015 says the same of stages that were there before.
FACTS = {
    "consultation_scheduled": PipelineStage.Fact.BOOKED,
    "consult_booked": PipelineStage.Fact.BOOKED,
    "first_visit_booked": PipelineStage.Fact.BOOKED,
    "consultation_completed": PipelineStage.Fact.ATTENDED,
    "care_plan_presented": PipelineStage.Fact.ATTENDED,
    "treatment_started": PipelineStage.Fact.TREATED,
    "in_care": PipelineStage.Fact.TREATED,
    "won": PipelineStage.Fact.TREATED,
}

# name, category, whether it stands for "nobody asked"
SOURCES = [
    (_("Doctor referral"), SourceCategory.DOCTOR_REFERRAL),
    (_("Patient referral"), SourceCategory.PATIENT_REFERRAL),
    (_("Google search"), SourceCategory.WEB_ORGANIC),
    (_("Google Ads"), SourceCategory.WEB_PAID),
    (_("Meta Ads"), SourceCategory.WEB_PAID),
    (_("Instagram"), SourceCategory.WEB_SOCIAL),
    (_("Print advertising"), SourceCategory.PRINT_AD),
    (_("Community event"), SourceCategory.COMMUNITY_EVENT),
    (_("Walk-in"), SourceCategory.WALK_IN),
    (_("Other"), SourceCategory.OTHER),
    (_("Not asked"), SourceCategory.OTHER, True),
]
# title, type, priority, due after minutes
TASKS = [
    (_("First call"), TaskType.CALL, TaskPriority.URGENT, 5),
    (_("Confirm the consultation"), TaskType.CONSULTATION_CONFIRM, TaskPriority.HIGH, 24 * 60),
    (_("Follow up after the consultation"), TaskType.FOLLOW_UP, TaskPriority.NORMAL, 3 * 24 * 60),
    (_("Check-in call"), TaskType.CALL, TaskPriority.NORMAL, 7 * 24 * 60),
    (_("Send the paperwork"), TaskType.PAPERWORK_REMINDER, TaskPriority.NORMAL, 24 * 60),
]


@dataclass(frozen=True)
class Preset:
    """`stages` are (name, kind, days at most, title of the task on entry, what it asks on entry)."""

    stages: tuple
    tags: tuple
    more_sources: tuple = ()


EIGHT_STAGES = (
    (_("New Lead"), OPEN, 1, "First call", NOTHING),
    (_("Contacted"), OPEN, 7, "", NOTHING),
    (_("Consultation Scheduled"), OPEN, 21, "Confirm the consultation", APPOINTMENT),
    (_("Consultation Completed"), OPEN, 5, "Follow up after the consultation", NOTHING),
    (_("Pending Decision"), OPEN, 14, "Check-in call", NOTHING),
    (_("Treatment Accepted"), OPEN, 14, "Send the paperwork", VALUE),
    (_("Treatment Started"), WON, None, "", NOTHING),
    (_("Lost"), LOST, None, "", NOTHING),
)

PRESETS = {
    "ORTHODONTICS": Preset(
        EIGHT_STAGES,
        (
            (_("Family"), "dot-1"),
            (_("Insurance"), "dot-2"),
            (_("Second opinion"), "dot-3"),
            (_("Wants evenings"), "dot-4"),
        ),
        ((_("School screening"), SourceCategory.SCHOOL_SCREENING),),
    ),
    "MED_SPA": Preset(
        (
            (_("New"), OPEN, 1, "First call", NOTHING),
            (_("Contacted"), OPEN, 7, "", NOTHING),
            (_("Consult Booked"), OPEN, 21, "Confirm the consultation", APPOINTMENT),
            (_("Won"), WON, None, "", NOTHING),
            (_("Lost"), LOST, None, "", NOTHING),
        ),
        ((_("Botox"), "dot-1"), (_("Filler"), "dot-2"), (_("Laser"), "dot-3"), (_("Surgery"), "dot-4")),
    ),
    "CHIROPRACTIC": Preset(
        (
            (_("New Inquiry"), OPEN, 1, "First call", NOTHING),
            (_("Contacted"), OPEN, 5, "", NOTHING),
            (_("First Visit Booked"), OPEN, 14, "Confirm the consultation", APPOINTMENT),
            (_("Care Plan Presented"), OPEN, 7, "Follow up after the consultation", VALUE),
            (_("In Care"), WON, None, "", NOTHING),
            (_("Lost"), LOST, None, "", NOTHING),
        ),
        ((_("Accident"), "dot-1"), (_("Sports"), "dot-2"), (_("Prenatal"), "dot-3"), (_("Insurance"), "dot-4")),
        ((_("Local gym"), SourceCategory.COMMUNITY_EVENT),),
    ),
}


@transaction.atomic
def load_preset(clinic):
    """Give a new clinic the stages, sources, tags, tasks, rules, forms and appointment types of its kind of practice.

    They are named in the clinic's language. Safe to repeat. A stage's slug is that of its English name, in whatever
    language it is shown.
    """
    preset = PRESETS[clinic.preset]
    with clinic_scope(clinic), override(clinic.language):
        templates = _add_missing(TaskTemplate, "title", [_template(*task) for task in TASKS])
        stages = [_stage(order, *stage, templates) for order, stage in enumerate(preset.stages, start=1)]
        stages = _add_missing(PipelineStage, "slug", stages)
        rules = usual_rules(templates=templates, stages=stages)
        _add_missing(FollowUpRule, "key", [FollowUpRule(active_since=timezone.now(), **facts) for facts in rules])
        sources = [*SOURCES, *preset.more_sources]
        _add_missing(LeadSource, "name", [_source(*source) for source in sources])
        _add_missing(Tag, "name", [Tag(name=gettext(name), color=color) for name, color in preset.tags])
        open_usual_forms(clinic)
    load_appointment_types(clinic)


def _add_missing(model, key, rows):
    """Create those of the rows whose key the clinic does not have yet; returns all that it has now: {key: row}."""
    known = set(model.objects.values_list(key, flat=True))
    model.objects.bulk_create(row for row in rows if getattr(row, key) not in known)
    return {getattr(row, key): row for row in model.objects.all()}


def _source(name, kind, is_unknown=False):
    return LeadSource(name=gettext(name), category=kind, is_unknown=is_unknown)


def _template(title, type, priority, minutes):
    return TaskTemplate(title=gettext(title), type=type, priority=priority, due_after_minutes=minutes)


def _stage(order, name, kind, days, task, asks, templates):
    slug = slugify(name).replace("-", "_")
    return PipelineStage(
        slug=slug,
        name=gettext(name),
        order=order * 10,
        kind=kind,
        is_terminal=kind != OPEN,
        is_default=order == 1,
        max_days_in_stage=days,
        auto_task_template=templates.get(gettext(task)) if task else None,
        asks_on_entry=asks,
        fact=FACTS.get(slug, ""),
    )
