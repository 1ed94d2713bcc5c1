"""The test bench of rules: when would one have been set off in the past, for whom, and what would it have done?

Reads history, changes nothing. Conditions, addresses and coordinators are those of today: where a lead came from does
not change, its stage, tags and owner may have. The daily cap is left out: it says how many of these are done on a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import DateTimeField, F, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from clinics.absence import managers_of
from clinics.business_hours import hours_of
from crm.following_up.acting import is_reached
from crm.following_up.timing import due_after
from crm.models import FollowUpAction, Lead, LeadActivity, RunOutcome, StageChange, Trigger
from crm.next_step import REACHING, is_answer, is_attempt
from patients.models import AppointmentStatus

AT_MOST = 20_000
DONE_BY = {Trigger.APPOINTMENT_DONE: AppointmentStatus.COMPLETED, Trigger.APPOINTMENT_MISSED: AppointmentStatus.NO_SHOW}


class Occasions(list):
    """What was found, (moment, lead_id) each, that can be cut into pages."""

    def count(self):
        return len(self)


def rehearse(rule, since, until):
    """The occasions of a rule between two moments: a list of (moment, lead_id), the newest first."""
    ask = {
        Trigger.LEAD_CREATED: _came,
        Trigger.STAGE_ENTERED: _entered,
        Trigger.STUCK_DAYS: _stuck,
        Trigger.NO_CONTACT_HOURS: _not_contacted,
        Trigger.NO_RESPONSE: _not_answered,
        Trigger.APPOINTMENT_BOOKED: _booked,
        Trigger.APPOINTMENT_DONE: _closed,
        Trigger.APPOINTMENT_MISSED: _closed,
    }[rule.trigger]
    meant = Lead.objects.present().filter(rule.conditions) if rule.conditions else Lead.objects.present()
    return Occasions(sorted(ask(rule, meant, since, until), reverse=True)[:AT_MOST])


@dataclass(frozen=True)
class Rehearsed:
    """One occasion: what set the rule off at `moment`, when it would have acted, and what it would have done."""

    moment: datetime
    lead: Lead
    acts_at: datetime
    words: str


def play(rule, occasions, clinic):
    """The Rehearsed of some occasions, in their order; as many statements as there are people to tell, and one."""
    leads = Lead.objects.select_related("stage", "assigned_to__user").in_bulk([pk for _moment, pk in occasions])
    managers, played = {}, []
    for moment, pk in occasions:
        lead = leads[pk]
        if rule.action == FollowUpAction.ESCALATE and lead.assigned_to_id not in managers:
            managers[lead.assigned_to_id] = managers_of(lead.assigned_to)
        outcome, facts = _outcome(rule, lead, managers.get(lead.assigned_to_id, ()))
        acts_at = due_after(hours_of(clinic, lead.location_id), moment, rule.delay, rule.delay_unit)
        played.append(Rehearsed(moment, lead, acts_at, RunOutcome(outcome).label % facts))
    return played


def _outcome(rule, lead, managers):
    if rule.action == FollowUpAction.TASK:
        return RunOutcome.TASK_SET, {"title": rule.task_template}
    if rule.action == FollowUpAction.MESSAGE:
        outcome = RunOutcome.MESSAGE_DUE if is_reached(lead, rule.message_channel) else RunOutcome.NO_ADDRESS
        return outcome, {"channel": rule.get_message_channel_display()}
    if rule.action == FollowUpAction.ESCALATE:
        names = ", ".join(manager.display_name for manager in managers)
        return RunOutcome.ESCALATED if managers else RunOutcome.NOBODY, {"who": names}
    if rule.action == FollowUpAction.SUGGEST:
        return RunOutcome.SUGGESTED, {"stage": rule.target_stage}
    return RunOutcome.TAGGED, {"tag": rule.tag}


def _came(rule, meant, since, until):
    return _pairs(meant.captured_between(since, until), "captured_at")


def _entered(rule, meant, since, until):
    changes = StageChange.objects.standing().filter(to_stage=rule.trigger_stage, lead__in=meant.values("pk"))
    moves = changes.filter(changed_at__gte=since, changed_at__lt=until).values_list("changed_at", "lead_id")
    came = _pairs(meant.captured_between(since, until), "captured_at") if rule.trigger_stage.is_default else []
    return [*moves[:AT_MOST], *came]


def _stuck(rule, meant, since, until):
    """Stays that lasted longer than the rule waits: those that go on, and those that ended with a move."""
    span = timedelta(days=rule.threshold)
    begun = {"begun__gte": since - span, "begun__lt": until - span}
    now_here = meant.open().annotate(begun=F("stage_entered_at"))
    ended = StageChange.objects.standing().filter(lead__in=meant.values("pk"), before__has_key="stage_entered_at")
    ended = ended.annotate(begun=Cast(KT("before__stage_entered_at"), DateTimeField()))
    ended = ended.filter(changed_at__gt=F("begun") + span, from_stage__kind="OPEN")
    if rule.trigger_stage_id:
        now_here, ended = now_here.in_stage(rule.trigger_stage), ended.filter(from_stage=rule.trigger_stage)
    stays = [
        *_pairs(now_here.filter(**begun), "begun"),
        *ended.filter(**begun).values_list("begun", "lead_id")[:AT_MOST],
    ]
    return [(moment + span, lead_id) for moment, lead_id in stays]


def _not_contacted(rule, meant, since, until):
    span = timedelta(hours=rule.threshold)
    late = meant.captured_between(since - span, until - span).filter(
        Q(first_contacted_at=None) | Q(first_contacted_at__gt=F("captured_at") + span)
    )
    return [(moment + span, lead_id) for moment, lead_id in _pairs(late, "captured_at")]


def _not_answered(rule, meant, since, until):
    """The attempt that was the last straw of each streak, where it fell into the time."""
    talks = LeadActivity.objects.filter(type__in=REACHING).exclude(payload__contains={"automatic": True})
    tried = talks.filter(occurred_at__gte=since, occurred_at__lt=until, lead__in=meant.values("pk"))
    people = list(tried.order_by().values_list("lead_id", flat=True).distinct()[:AT_MOST])
    rows = talks.filter(lead__in=people, occurred_at__lt=until).order_by("lead_id", "occurred_at", "pk")
    found = []
    for lead_id, talk in groupby(
        rows.values_list("lead_id", "occurred_at", "type", "direction", "outcome").iterator(), key=lambda row: row[0]
    ):
        attempts = 0
        for _lead_id, moment, kind, direction, outcome in talk:
            attempts = 0 if is_answer(kind, direction, outcome) else attempts + is_attempt(kind, outcome)
            if attempts == rule.threshold and is_attempt(kind, outcome) and moment >= since:
                found.append((moment, lead_id))
    return found


def _booked(rule, meant, since, until):
    booked = meant.filter(consultation__created_at__gte=since, consultation__created_at__lt=until)
    return _pairs(booked, "consultation__created_at")


def _closed(rule, meant, since, until):
    closed = meant.filter(
        consultation__status=DONE_BY[rule.trigger],
        consultation__closed_at__gte=since,
        consultation__closed_at__lt=until,
    )
    return _pairs(closed, "consultation__closed_at")


def _pairs(leads, moment):
    return list(leads.order_by().values_list(moment, "pk")[:AT_MOST])
