"""What the page of the day shows beside the queue: who came, what is due, who comes today, who may be lost."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from statistics import median

from django.utils import timezone

from clinics.access import may
from clinics.business_hours import hours_of
from crm.models import Blocker, Lead, LeadStatus, LeadTask
from crm.queue import read_queue
from crm.queue_ranking import NEW, OVERDUE, UNPLANNED
from crm.speed_to_lead import time_to_first_contact
from crm.task_lists import end_of_today, start_of_today
from patients.models import AppointmentStatus, ContactPriority, Patient

MINE, EVERYBODY = "mine", "everybody"
IN_QUEUE, NEW_SHOWN, TASKS_SHOWN, COMING_SHOWN, RED_SHOWN = 8, 6, 6, 12, 3
COUNTED_AT_MOST = 500  # of those who came since yesterday, for the median


@dataclass(frozen=True)
class Whose:
    """Whose day a page shows: that of `member`, or everybody's; `word` says so in its address."""

    member: object
    word: str

    @property
    def everybody(self):
        return self.word == EVERYBODY


def whose_day(member, asked, away=()):
    """The Whose that was asked for: one's own, everybody's, or that of somebody of `away`, for whom one stands in.

    Where nothing was asked for, it is everybody's for whoever has neither a lead nor a task of their own.
    """
    covered = {str(each.pk): each for each in away}
    if asked in covered:
        return Whose(covered[asked], asked)
    if asked in (MINE, EVERYBODY):
        return Whose(member, asked)
    has_own = Lead.objects.open().owned_by(member).exists() or LeadTask.objects.of_member(member).open().exists()
    return Whose(member, MINE if has_own else EVERYBODY)


@dataclass(frozen=True)
class Arrival:
    """Somebody who asked since yesterday: the clock if nobody has called, else how soon somebody did."""

    lead: Lead
    clock: object

    @property
    def answered_after(self):
        return self.lead.first_contacted_at - self.lead.captured_at if self.lead.first_contacted_at else None


@dataclass(frozen=True)
class Coming:
    """A consultation of today, with what stands against a yes."""

    lead: Lead

    @property
    def appointment(self):
        return self.lead.consultation

    @property
    def blocker(self):
        return Blocker(self.lead.blocker).label if self.lead.blocker else ""

    @property
    def is_unconfirmed(self):
        return self.appointment.status == AppointmentStatus.SCHEDULED

    @property
    def is_ahead(self):
        return self.is_unconfirmed and self.appointment.starts_at > timezone.now()

    @property
    def risk_color(self):
        return {"HIGH": "red", "MEDIUM": "yellow", "LOW": "green"}.get(self.appointment.no_show_risk_level, "")


@dataclass
class Today:
    """The day of a member, or of everybody; each part is read once, when it is asked for.

    Whoever may look at leads may look at all that stands here, also where it is the day of somebody who is away.
    """

    member: object
    clinic: object
    everybody: bool = False
    hand: str = ""  # the id of whoever was asked for, wherever they stand in the queue
    now: datetime = field(default_factory=timezone.now)

    @cached_property
    def queue(self):
        return read_queue(self.member, self.clinic, everybody=self.everybody)

    @cached_property
    def shown(self):
        """The first of the queue, and below them whoever was asked for and stands further back."""
        return self.queue[:IN_QUEUE] + [entry for entry in self.queue[IN_QUEUE:] if str(entry.lead.pk) == self.hand]

    @property
    def more(self):
        return len(self.queue) - len(self.shown)

    @property
    def coming(self):
        """The first of today's consultations of leads, in order of time."""
        return self._coming[:COMING_SHOWN]

    @property
    def coming_is_more(self):
        return len(self._coming) > COMING_SHOWN

    @cached_property
    def _coming(self):
        start, end = start_of_today(), end_of_today()
        leads = self._mine.filter(consultation__starts_at__gte=start, consultation__starts_at__lt=end)
        leads = leads.exclude(consultation__status__in=[AppointmentStatus.CANCELLED, AppointmentStatus.RESCHEDULED])
        rows = leads.with_blocker().select_related("consultation__provider", "consultation__room", "consultation__type")
        rows = rows.order_by("consultation__starts_at", "pk")
        return [Coming(lead) for lead in rows[: COMING_SHOWN + 1]]

    @cached_property
    def _arrived(self):
        since = start_of_today() - timedelta(days=1)
        leads = self._mine.captured_between(since, self.now + timedelta(minutes=1)).newest_first()
        return list(leads.select_related("source", "assigned_to__user")[:COUNTED_AT_MOST])

    @property
    def arrived_count(self):
        return len(self._arrived)

    @property
    def arrived_is_more(self):
        return len(self._arrived) == COUNTED_AT_MOST

    @property
    def arrivals(self):
        """The newest of those who asked since yesterday."""
        newest = self._arrived[:NEW_SHOWN]
        return [Arrival(lead, time_to_first_contact(lead, self.clinic, self.now)) for lead in newest]

    @property
    def median_answer(self):
        """How soon those of them who were contacted were, in open time, or None."""
        waits = [
            hours_of(self.clinic, lead.location_id).between(lead.captured_at, lead.first_contacted_at)
            for lead in self._arrived
            if lead.first_contacted_at
        ]
        return timedelta(seconds=median(wait.total_seconds() for wait in waits)) if waits else None

    @cached_property
    def _due(self):
        tasks = LeadTask.objects.open().of_present_leads().due_between(None, end_of_today())
        return tasks if self.everybody else tasks.of_member(self.member)

    @cached_property
    def tasks(self):
        """The first of the tasks that are due by tonight, the most overdue first."""
        first = self._due.order_by("due_at", "pk").values("pk")[:TASKS_SHOWN]
        return list(LeadTask.objects.filter(pk__in=first).for_list())

    @cached_property
    def task_counts(self):
        """(due by tonight, overdue of them)."""
        return self._due.order_by().count_with_overdue()

    @cached_property
    def red(self):
        """Patients about to be lost, for who may see patients; empty until somebody predicts it."""
        if not may(self.member, "patient:read"):
            return []
        rows = Patient.objects.present().filter(contact_priority=ContactPriority.RED)
        return list(rows.order_by("-contact_priority_score", "pk")[:RED_SHOWN])

    @property
    def new_late(self):
        """New leads whose time is over, the longest waiting first."""
        late = [entry for entry in self.queue if entry.reason == NEW and entry.clock.state == "missed"]
        return sorted(late, key=lambda entry: entry.lead.captured_at)

    @property
    def promised(self):
        """The entries of the queue for whom something is overdue."""
        return [entry for entry in self.queue if entry.reason == OVERDUE]

    @property
    def unplanned(self):
        return [entry for entry in self.queue if entry.reason == UNPLANNED]

    @property
    def _mine(self):
        leads = Lead.objects.present().exclude(status=LeadStatus.ARCHIVED)
        return leads if self.everybody else leads.owned_by(self.member)


def following_in(entries, place):
    """Who is next once the one in hand is done with: a new lead that stands above, else the one below, else the top."""
    above = (entry for entry in entries[:place] if entry.reason == NEW)
    return next(above, None) or next(iter(entries[place + 1 :] + entries[:place]), None)
