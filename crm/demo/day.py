"""A day at the desk of the demo clinic: tasks of every kind, consultations of today, and what follow-up rules did."""

import random
from datetime import datetime, time, timedelta

from django.utils import timezone

from crm.following_up.rehearsing import rehearse
from crm.models import (
    Blocker,
    FollowUpAction,
    FollowUpRule,
    FollowUpRun,
    Lead,
    LeadStatus,
    LeadTask,
    Opportunity,
    PipelineStage,
    Recurrence,
    RunOutcome,
    TaskPriority,
    TaskType,
)
from patients.models import Appointment, AppointmentStatus, Provider

RUNS_OF_A_RULE = 12
TASKS = [
    ("Send the estimate", TaskType.EMAIL, TaskPriority.HIGH),
    ("Insurance form to the mother", TaskType.PAPERWORK_REMINDER, TaskPriority.NORMAL),
    ("Call about the payment plan", TaskType.CALL, TaskPriority.NORMAL),
    ("Ask for the X-ray", TaskType.CALL, TaskPriority.LOW),
    ("Text the parking hint", TaskType.SMS, TaskPriority.NORMAL),
]
SERIES = [
    ("Check the waiting list for an earlier time", Recurrence.WEEKDAYS),
    ("Ask how the tray fits", Recurrence.WEEKLY),
    ("Send the newsletter of the practice", Recurrence.MONTHLY),
]


class Day:
    """Draws what makes today: the same rows whenever it is drawn, around the moment at which it is."""

    def __init__(self, clinic, members, *, seed=5):
        self.clinic = clinic
        self.dice = random.Random(seed)  # noqa: S311 - scenery, not a secret
        self.now = timezone.now()
        self.coordinators = [members[name] for name in ("Renata", "Dele", "Hye-jin")]
        self.open = list(Lead.objects.open().select_related("stage", "assigned_to").newest_first()[:120])

    def write(self):
        self._plan()
        self._book()
        self._say_what_blocks()
        return self._follow_rules()

    def _plan(self):
        """Tasks that are due today, to come and overdue, with reminders, and some that come back."""
        tasks = []
        for number, lead in enumerate(self.open[10:55]):
            title, kind, priority = TASKS[number % len(TASKS)]
            due_at = self.now + timedelta(hours=self.dice.choice([-30, -3, 1, 2, 4, 26, 50, 100, 200]))
            tasks.append(self._task(lead, title, due_at, kind=kind, priority=priority))
        for (title, recurrence), lead in zip(SERIES, self.open[60:63], strict=False):
            tasks.append(self._task(lead, title, self.now + timedelta(hours=3), recurrence=recurrence))
        LeadTask.objects.bulk_create(tasks)

    def _task(self, lead, title, due_at, *, kind=TaskType.FOLLOW_UP, **facts):
        reminder_at = due_at - timedelta(minutes=15) if self.dice.random() < 0.4 else None
        return LeadTask(
            lead=lead,
            title=title,
            due_at=due_at,
            type=kind,
            assigned_to=lead.assigned_to,
            reminder_at=reminder_at,
            reminded_at=reminder_at if reminder_at and reminder_at < self.now else None,
            **facts,
        )

    def _book(self):
        """Four consultations of today and tomorrow, each of a lead of another coordinator or two."""
        provider = Provider.objects.in_order().first()
        booked = PipelineStage.objects.filter(slug="consultation_scheduled").first()
        leads = [lead for lead in self.open if lead.stage == booked][:6]
        zone = self.clinic.zone
        midnight = datetime.combine(self.now.astimezone(zone).date(), time.min, tzinfo=zone)
        for number, lead in enumerate(leads):
            starts_at = midnight + timedelta(days=number // 4, hours=9 + 2 * (number % 4), minutes=20)
            is_confirmed = number % 2 == 0
            lead.consultation = Appointment.objects.create(
                contact_name=lead.patient_name or lead.display_name,
                contact_phone=lead.phone_e164,
                provider=provider,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=30),
                status=AppointmentStatus.CONFIRMED if is_confirmed else AppointmentStatus.SCHEDULED,
                confirmed_at=self.now if is_confirmed else None,
                may_overlap=True,
            )
            lead.save(update_fields=["consultation"])

    def _say_what_blocks(self):
        deals = Opportunity.objects.filter(lead__status=LeadStatus.ACTIVE).order_by("pk")[:80]
        for number, deal in enumerate(deals):
            deal.blocker = list(Blocker)[number % len(Blocker)].value if number % 3 else ""
        Opportunity.objects.bulk_update(deals, ["blocker"])

    def _follow_rules(self):
        """What the rules of the clinic did within the last month, on what really happened; returns how many runs."""
        runs = []
        for rule in FollowUpRule.objects.for_sentence():
            occasions = rehearse(rule, self.now - timedelta(days=30), self.now)[:RUNS_OF_A_RULE]
            leads = Lead.objects.in_bulk([pk for _moment, pk in occasions])
            for moment, pk in occasions:
                runs.append(self._run(rule, leads[pk], moment))
        FollowUpRun.objects.bulk_create(runs, ignore_conflicts=True)
        return len(runs)

    def _run(self, rule, lead, moment):
        outcome, facts = {
            FollowUpAction.TASK: (RunOutcome.TASK_SET, {"title": str(rule.task_template)}),
            FollowUpAction.MESSAGE: (RunOutcome.MESSAGE_DUE, {"channel": rule.get_message_channel_display()}),
            FollowUpAction.ESCALATE: (RunOutcome.ESCALATED, {"who": "Olga Brandt"}),
            FollowUpAction.SUGGEST: (RunOutcome.SUGGESTED, {"stage": str(rule.target_stage)}),
            FollowUpAction.TAG: (RunOutcome.TAGGED, {"tag": str(rule.tag)}),
        }[rule.action]
        if rule.action == FollowUpAction.SUGGEST and lead.is_open:
            Lead.objects.filter(pk=lead.pk).update(suggested_stage=rule.target_stage)
        return FollowUpRun(
            rule=rule,
            rule_name=rule.name,
            lead=lead,
            occurrence=f"in the past:{moment.isoformat()}"[:80],
            because=str(rule.get_trigger_display()).lower(),
            due_at=moment,
            ran_at=moment,
            status=FollowUpRun.Status.DONE,
            outcome=outcome,
            facts=facts,
        )
