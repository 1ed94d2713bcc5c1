"""What a card of the board says of a lead, worked out once so that the template only prints."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.templatetags.ui import age, as_local, short_date
from crm.models import Lead, LeadTask, PatientRelationship, PipelineStage
from crm.speed_to_lead import Clock, time_to_first_contact

INTERESTS = 2
ICONS = {"overdue": "alert", "today": "clock", "later": "calendar", "none": "warning"}
# Everything that a card shows of the lead itself; what is sealed, or long, stays in the database.
FIELDS = (
    "clinic", "status", "stage", "stage_entered_at", "first_name", "last_name", "email", "phone", "external_id",
    "patient_first_name", "patient_last_name", "patient_relationship", "treatment_interest", "captured_at",
    "first_contacted_at", "expected_value_cents", "source", "assigned_to", "location",
)  # fmt: skip


@dataclass(frozen=True)
class NextTask:
    """`state` is overdue, today, later, or none when an open lead has no next step."""

    state: str
    text: str
    due_at: datetime | None = None

    @property
    def icon(self):
        return ICONS[self.state]


@dataclass(frozen=True)
class Card:
    lead: Lead
    stage: PipelineStage
    name: str
    patient: str
    interests: tuple[str, ...]
    more_interests: int
    owner: str
    source: str
    age: str
    lateness: str  # late past the days allowed in the stage, stuck past twice as many
    task: NextTask | None
    clock: Clock | None

    @property
    def url(self):
        return self.lead.get_absolute_url()

    @property
    def late_words(self):
        """Why the age of the card is yellow or red."""
        return _("Longer in this stage than the %(days)s days at most") % {"days": self.stage.max_days_in_stage}

    @property
    def place(self):
        """Where the card stands in its column: milliseconds, the newest first."""
        return int(self.lead.stage_entered_at.timestamp() * 1000)


def with_card_fields(leads):
    """The leads with what cards need and nothing else, the next task riding along."""
    tasks = LeadTask.objects.open().filter(lead=OuterRef("pk")).order_by("due_at", "pk")
    next_task = tasks.values(task=JSONObject(title="title", due_at="due_at"))[:1]
    return leads.only(*FIELDS).annotate(next_task=Subquery(next_task))


def card_of(lead, stage, names, *, clinic, now):
    """The card of a lead from `with_card_fields`; `names` are those of coordinators and sources by id."""
    labels = lead.interests
    return Card(
        lead=lead,
        stage=stage,
        name=lead.display_name,
        patient=lead.patient_name if lead.patient_relationship != PatientRelationship.SELF else "",
        interests=tuple(labels[:INTERESTS]),
        more_interests=max(0, len(labels) - INTERESTS),
        owner=names.get(str(lead.assigned_to_id), ""),
        source=names.get(str(lead.source_id), ""),
        age=age(lead.stage_entered_at),
        lateness=_lateness(lead, stage, now),
        task=_next_task(lead.next_task, now) if lead.is_open else None,
        clock=time_to_first_contact(lead, clinic, now),
    )


def _lateness(lead, stage, now):
    if not stage.max_days_in_stage or not lead.is_open:
        return ""
    allowed = timedelta(days=stage.max_days_in_stage)
    spent = now - lead.stage_entered_at
    return "stuck" if spent > 2 * allowed else "late" if spent > allowed else ""


def _next_task(task, now):
    if task is None:
        return NextTask("none", _("No next task"))
    due_at = datetime.fromisoformat(task["due_at"])
    if due_at < now:
        return NextTask("overdue", _("%(task)s, overdue %(age)s") % {"task": task["title"], "age": age(due_at)}, due_at)
    is_today = as_local(due_at).date() == timezone.localdate()
    text = _("%(task)s, today %(time)s") if is_today else _("%(task)s, %(time)s")
    when = short_date(due_at)
    words = text % {"task": task["title"], "time": when if any(map(str.isdigit, when)) else when.lower()}
    return NextTask("today" if is_today else "later", words, due_at)
