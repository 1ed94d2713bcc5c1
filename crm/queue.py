"""The coordinator's queue: who needs a call today, found by indexes a few hundred at a time, and put in order.

Candidates are leads with a task that is due by tonight, new ones whom nobody has contacted, those of late without a
next step, and those whom a rule would give up. No question reads every lead: each is answered along an index and cut.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Max, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.templatetags.ui import age, day_and_time
from crm.models import ActivityType, Blocker, Lead, LeadActivity, LeadStatus, LeadTask, PatientRelationship
from crm.queue_ranking import DUE, GIVE_UP, NEW, OVERDUE, UNPLANNED, Rank, rank
from crm.speed_to_lead import time_to_first_contact
from crm.task_lists import end_of_today, start_of_today

TASKS_AT_MOST, NEW_AT_MOST, LATELY, UNPLANNED_AT_MOST, SUGGESTED_AT_MOST = 300, 100, 400, 50, 50
DONE_AT_MOST = 500
TALKED = [
    ActivityType.PHONE_CALL, ActivityType.EMAIL, ActivityType.SMS, ActivityType.IN_PERSON, ActivityType.FORM_SUBMIT,
]  # fmt: skip


@dataclass
class Entry:
    """One person in the queue: who, why now, and what is to be done."""

    lead: Lead
    reason: str
    rank: Rank
    task: LeadTask | None = None
    clock: object = None

    @property
    def why(self):
        """Why this one stands here, in a sentence."""
        task = self.task
        if self.reason == NEW:
            return _("Asked %(age)s ago, and nobody has called yet.") % {"age": age(self.lead.captured_at)}
        if self.reason == OVERDUE:
            return _("%(task)s: overdue for %(age)s.") % {"task": task.title, "age": age(task.due_at)}
        if self.reason == DUE:
            return _("%(task)s: due at %(time)s.") % {"task": task.title, "time": day_and_time(task.due_at).rstrip(".")}
        if self.reason == GIVE_UP:
            return _("A rule suggests: %(stage)s.") % {"stage": self.lead.suggested_stage}
        return _("Nothing is planned, so nobody will be reminded.")

    @property
    def patient(self):
        """For whom they ask, if it is not for themselves."""
        return self.lead.patient_name if self.lead.patient_relationship != PatientRelationship.SELF else ""

    @property
    def blocker(self):
        """What stands against a yes, in a word."""
        return Blocker(self.lead.blocker).label if self.lead.blocker else ""

    @property
    def is_overdue(self):
        return self.reason == OVERDUE

    @property
    def late(self):
        return age(self.task.due_at) if self.task else ""


def read_queue(member, clinic, *, everybody=False):
    """The Entries of a member's day, or of everybody's, the most pressing first. Six statements, always."""
    now = timezone.now()
    tasks = _due_tasks(member, everybody)
    found = {task.lead_id: (OVERDUE if task.due_at < now else DUE, task) for task in reversed(tasks)}
    mine = Lead.objects.open() if everybody else Lead.objects.open().owned_by(member)
    new = mine.filter(status=LeadStatus.NEW, first_contacted_at=None).not_planned_from(end_of_today())
    suggested = mine.filter(suggested_stage__isnull=False)
    for reason, ids in (
        (GIVE_UP, _newest(suggested, SUGGESTED_AT_MOST)),
        (UNPLANNED, _unplanned(mine, now)),
        (NEW, _newest(new, NEW_AT_MOST)),
    ):
        for pk in ids:
            if reason == NEW or pk not in found:
                found[pk] = (reason, found.get(pk, (None, None))[1])
    entries = [_entry(lead, *found[lead.pk], clinic, now) for lead in _fetch(found)]
    return sorted((entry for entry in entries if entry), key=lambda entry: (-entry.rank.score, entry.lead.pk))


def _due_tasks(member, everybody):
    tasks = LeadTask.objects.open().of_present_leads().due_between(None, end_of_today())
    if not everybody:
        tasks = tasks.of_member(member)
    # The latest: of two thousand that were let lie, those of this week say more about today.
    return list(tasks.order_by("-due_at", "-pk")[:TASKS_AT_MOST])


def _newest(leads, most):
    return leads.newest_first().values_list("pk", flat=True)[:most]


def _unplanned(leads, now):
    """Those of late for whom nothing is planned, and those whose last task was done today: no tick lets one go."""
    lately = leads.newest_first().values("pk")[:LATELY]
    done = LeadTask.objects.done().filter(completed_at__gte=start_of_today()).order_by("-completed_at")
    found = [Lead.objects.filter(pk__in=lately), leads.filter(pk__in=done.values("lead_id")[:DONE_AT_MOST])]
    return [pk for some in found for pk in some.without_date(now).values_list("pk", flat=True)[:UNPLANNED_AT_MOST]]


def _fetch(ids):
    talked = LeadActivity.objects.filter(lead=OuterRef("pk"), type__in=TALKED).order_by()
    last = talked.values("lead").annotate(last=Max("occurred_at")).values("last")
    leads = Lead.objects.present().filter(pk__in=list(ids)).annotate(talked_at=Subquery(last))
    return leads.with_blocker().select_related("stage", "source", "assigned_to__user", "suggested_stage")


def _entry(lead, reason, task, clinic, now):
    if not lead.is_open:
        return None
    clock = time_to_first_contact(lead, clinic, now) if reason == NEW else None
    if reason == NEW and clock is None:  # it has waited for so long that a clock says nothing: its task, or none, does
        reason = (OVERDUE if task.due_at < now else DUE) if task else UNPLANNED
    since = max(filter(None, (lead.talked_at, lead.captured_at)))
    figure = rank(
        reason,
        cents=lead.expected_value_cents,
        chance=lead.score,
        hours=(now - task.due_at) / timedelta(hours=1) if task else 0.0,
        priority=task.priority if task else "NORMAL",
        silent_days=(now - since) / timedelta(days=1),
    )
    return Entry(lead, reason, figure, task, clock)
