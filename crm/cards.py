"""What a card of the board says of a lead, worked out once so that the template only prints.

A board holds a hundred cards and more: a card is made of plain words, and a card that says the same words as before
is drawn only once (crm/templatetags/cards.py).
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.moments import moments_of_reader
from clinics.templatetags.ui import initials, money, tint
from crm.models import LeadStatus, LeadTask, PatientRelationship, PipelineStage, TreatmentInterest
from crm.speed_to_lead import Clock, time_to_first_contact

INTERESTS = 2
ICONS = {"overdue": "alert", "today": "clock", "later": "calendar", "none": "warning"}
# Everything that a card shows of the lead itself; what is sealed, or long, stays in the database.
FIELDS = (
    "clinic", "status", "stage", "stage_entered_at", "first_name", "last_name", "email", "phone", "external_id",
    "patient_first_name", "patient_last_name", "patient_relationship", "treatment_interest", "captured_at",
    "first_contacted_at", "expected_value_cents", "score", "hand_place", "unread_count", "source",
    "assigned_to", "location", "suggested_stage",
)  # fmt: skip


@dataclass(frozen=True)
class NextTask:
    """`state` is overdue, today, later, or none when an open lead has no next step."""

    state: str
    text: str

    @property
    def icon(self):
        return ICONS[self.state]


@dataclass(frozen=True)
class Interest:
    label: str
    tint: int


@dataclass(frozen=True)
class Owner:
    name: str
    initials: str
    tint: int


@dataclass(frozen=True)
class Card:
    """All that is printed of a lead; two equal cards look alike. `place` is the number of crm/board_order.py."""

    pk: UUID
    url: str
    place: int
    name: str
    value: str
    has_value: bool
    patient: str
    interests: tuple[Interest, ...]
    more_interests: int
    owner: Owner | None
    source: str
    since: int  # in its stage, seconds of the epoch
    age: str
    lateness: str  # late past the days allowed in the stage, stuck past twice as many
    late_words: str  # why the age is yellow or red
    task: NextTask | None
    clock: Clock | None
    score: int | None  # 0 to 100, once somebody predicts it
    unread: int  # messages of theirs that nobody has read
    suggested: str  # the stage that a follow-up rule suggests
    stage: PipelineStage = field(compare=False)

    @property
    def select_words(self):
        return _("Select %(name)s") % {"name": self.name}


def with_card_fields(leads):
    """The leads with what cards need and nothing else, the next task riding along."""
    return leads.only(*FIELDS).annotate(next_task=LeadTask.objects.next_of_outer_lead())


class CardMaker:
    """Makes the cards of one answer: what they have in common is looked up once.

    `names` are those of coordinators and sources by id; `order` gives each card its place.
    """

    def __init__(self, clinic, names, order):
        self.clinic, self.names, self.order = clinic, names, order
        self.now, self.today = timezone.now(), timezone.localdate()
        self.moments = moments_of_reader()
        self.owners, self.interests, self.days = {None: None}, {}, {}

    def card(self, lead, stage):
        """The card of a lead from `with_card_fields`, in its stage."""
        labels = lead.treatment_interest
        lateness = self._lateness(lead, stage)
        return Card(
            pk=lead.pk,
            url=f"{self.leads_url}{lead.pk}/",
            place=self.order.number_of(lead),
            name=lead.display_name,
            value=money(lead.expected_value_cents, self.clinic.currency),
            has_value=lead.expected_value_cents is not None,
            patient=lead.patient_name if lead.patient_relationship != PatientRelationship.SELF else "",
            interests=tuple(self._interest(value) for value in labels[:INTERESTS]),
            more_interests=max(0, len(labels) - INTERESTS),
            owner=self._owner(lead.assigned_to_id),
            source=self.names.get(str(lead.source_id), ""),
            since=int(lead.stage_entered_at.timestamp()),
            age=self.moments.age(lead.stage_entered_at),
            lateness=lateness,
            late_words=self._late_words(stage) if lateness else "",
            task=self._next_task(lead) if lead.is_open else None,
            clock=time_to_first_contact(lead, self.clinic, self.now),
            score=lead.score,
            unread=lead.unread_count,
            suggested=self.names.get(str(lead.suggested_stage_id), "") if lead.is_open else "",
            stage=stage,
        )

    @cached_property
    def leads_url(self):
        return reverse("crm:lead_list")

    def _owner(self, pk):
        if pk not in self.owners:
            name = self.names.get(str(pk), "")
            self.owners[pk] = Owner(name, initials(name), tint(pk)) if name else None
        return self.owners[pk]

    def _interest(self, value):
        if value not in self.interests:
            label = str(TreatmentInterest(value).label)
            self.interests[value] = Interest(label, tint(label))
        return self.interests[value]

    def _lateness(self, lead, stage):
        if not stage.max_days_in_stage or not lead.is_open:
            return ""
        allowed = timedelta(days=stage.max_days_in_stage)
        spent = self.now - lead.stage_entered_at
        return "stuck" if spent > 2 * allowed else "late" if spent > allowed else ""

    def _late_words(self, stage):
        return _("Longer in this stage than the %(days)s days at most") % {"days": stage.max_days_in_stage}

    def _next_task(self, lead):
        if lead.next_task is None:
            return NextTask("none", _("No next task"))
        title, due_at = lead.next_task["title"], datetime.fromisoformat(lead.next_task["due_at"])
        if due_at < self.now:
            return NextTask(
                "overdue", _("%(task)s, overdue %(age)s") % {"task": title, "age": self.moments.age(due_at)}
            )
        day = self.moments.local(due_at).date()
        is_today = day == self.today
        text = _("%(task)s, today %(time)s") if is_today else _("%(task)s, %(time)s")
        words = text % {"task": title, "time": self.moments.short_date(due_at) if is_today else self._day(day)}
        return NextTask("today" if is_today else "later", words)

    def _day(self, day):
        """A day in the middle of a sentence; cards name the same few days again and again."""
        if day not in self.days:
            words = self.moments.short_date(day)
            self.days[day] = words if any(map(str.isdigit, words)) else words.lower()
        return self.days[day]


class PastCardMaker(CardMaker):
    """Makes cards of leads that crm.board_past has rewound to a moment; what was planned then is not known."""

    def __init__(self, clinic, names, order, moment):
        super().__init__(clinic, names, order)
        self.now = moment

    def card(self, lead, stage):
        lead.stage = stage
        lead.status = LeadStatus.ACTIVE if stage.is_open else LeadStatus.LOST
        card = super().card(lead, stage)
        return replace(
            card,
            task=None,
            clock=None,
            score=None,
            unread=0,
            suggested="",
            age=self.moments.lasted(self.now - lead.stage_entered_at),
        )
