"""What sets rules off: events that were recorded, and time that passes. Each occurrence plans one run of each rule.

The unique key rule × lead × occurrence makes a second notice of the same thing plan nothing; a worker that dies between
notice and act loses nothing, since the run stands in the database.
"""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.background import wake_for_all
from clinics.business_hours import hours_of
from crm.following_up.timing import due_after
from crm.models import (
    FollowUpRule,
    FollowUpRun,
    Lead,
    LeadStatus,
    PipelineStage,
    Trigger,
)
from crm.next_step import unanswered_attempts
from crm.suggesting import ANSWERED, dismiss_suggestion

AT_ONCE = 200
# What passed its moment longer ago than this is history: a rule that was just switched on lets it lie.
LATE_AT_MOST = timedelta(days=3)
RUN_TASK = "crm.tasks.run_follow_ups"
APPOINTMENTS = {
    "patients.appointment.booked": Trigger.APPOINTMENT_BOOKED,
    "patients.appointment.completed": Trigger.APPOINTMENT_DONE,
    "patients.appointment.missed": Trigger.APPOINTMENT_MISSED,
}


def notice_event(event):
    """Plan what the rules do about one event (its AuditLog row); returns how many runs."""
    if event.action in APPOINTMENTS:
        lead = Lead.objects.present().filter(consultation=event.resource_id).select_related("clinic").first()
        return notice_appointment(lead, event, APPOINTMENTS[event.action]) if lead else 0
    lead = Lead.objects.present().filter(pk=event.resource_id).select_related("stage", "clinic").first()
    if lead is None:
        return 0
    if event.action == "crm.lead.activity_logged":
        return notice_attempt(lead)
    if event.action == "crm.lead.captured":
        return notice_new(lead) + notice_stage(lead)
    return notice_stage(lead)


def notice_new(lead):
    return plan_runs(lead, Trigger.LEAD_CREATED, "created", lead.captured_at, _("the lead came in"))


def notice_stage(lead):
    """The lead stands in a stage since a moment: that entry sets off what waits for the stage."""
    occurrence = f"stage:{lead.stage_entered_at.isoformat()}"
    because = _("the lead came to %(stage)s") % {"stage": lead.stage}
    rules = FollowUpRule.objects.set_off_by(Trigger.STAGE_ENTERED).filter(trigger_stage=lead.stage_id)
    return plan_runs(lead, Trigger.STAGE_ENTERED, occurrence, lead.stage_entered_at, because, rules=rules)


def notice_appointment(lead, event, trigger):
    because = {
        Trigger.APPOINTMENT_BOOKED: _("a consultation was booked"),
        Trigger.APPOINTMENT_DONE: _("the consultation took place"),
        Trigger.APPOINTMENT_MISSED: _("the consultation was missed"),
    }[trigger]
    return plan_runs(lead, trigger, f"appointment:{event.resource_id}", event.created_at, because)


def notice_attempt(lead):
    """A call or message was logged: enough attempts without an answer set rules off, an answer settles a suggestion."""
    rules = list(FollowUpRule.objects.set_off_by(Trigger.NO_RESPONSE))
    most = max([rule.threshold for rule in rules], default=1)
    attempts, answered_id = unanswered_attempts(lead, most)
    if attempts == 0 and lead.suggested_stage_id:
        dismiss_suggestion(lead, by=None, decision=ANSWERED)
    planned = 0
    for rule in rules:
        if attempts >= rule.threshold:
            because = _("%(n)s attempts stayed without an answer") % {"n": rule.threshold}
            occurrence = f"attempts:{answered_id or 'first'}"
            planned += plan_runs(lead, rule.trigger, occurrence, timezone.now(), because, rules=[rule])
    return planned


def notice_time(now):
    """Plan what rules do that wait for time to pass; returns how many runs. A few hundred at a time, by indexes."""
    planned = 0
    for rule in FollowUpRule.objects.set_off_by(Trigger.STUCK_DAYS, Trigger.NO_CONTACT_HOURS).for_sentence():
        find = _stuck if rule.trigger == Trigger.STUCK_DAYS else _not_contacted
        for lead, occurrence, moment, because in find(rule, now):
            planned += plan_runs(lead, rule.trigger, occurrence, moment, because, rules=[rule])
    return planned


def _stuck(rule, now):
    span = timedelta(days=rule.threshold)
    since, until = _window(rule, now, span)
    stages = [rule.trigger_stage] if rule.trigger_stage else PipelineStage.objects.filter(kind=PipelineStage.Kind.OPEN)
    leads = Lead.objects.open().in_stages(stages).filter(stage_entered_at__gt=since, stage_entered_at__lte=until)
    leads = _without_run(leads, rule, "stuck:", "stage_entered_at")
    because = _("the lead has been in %(stage)s for %(n)s days")
    for lead in leads.select_related("stage", "clinic")[:AT_ONCE]:
        words = because % {"stage": lead.stage, "n": rule.threshold}
        yield lead, f"stuck:{lead.stage_entered_at.isoformat()}", lead.stage_entered_at + span, words


def _not_contacted(rule, now):
    span = timedelta(hours=rule.threshold)
    since, until = _window(rule, now, span)
    leads = Lead.objects.present().filter(status=LeadStatus.NEW, first_contacted_at=None)
    leads = leads.filter(captured_at__gt=since, captured_at__lte=until)
    has_run = FollowUpRun.objects.filter(rule=rule, lead=OuterRef("pk"), occurrence="no contact")
    for lead in leads.exclude(Exists(has_run)).select_related("stage", "clinic").order_by("captured_at")[:AT_ONCE]:
        words = _("nobody contacted the lead within %(n)s hours") % {"n": rule.threshold}
        yield lead, "no contact", lead.captured_at + span, words


def _window(rule, now, span):
    """Between which moments something began whose time is over now: since the rule is on, a few days back at most."""
    first = max(now - LATE_AT_MOST, rule.active_since or now)
    return first - span, now - span


def _without_run(leads, rule, prefix, field):
    """Those of the leads for which the rule was not set off since the moment in `field`."""
    runs = FollowUpRun.objects.filter(
        rule=rule, lead=OuterRef("pk"), occurrence__startswith=prefix, created_at__gte=OuterRef(field)
    )
    return leads.exclude(Exists(runs)).order_by(field)


def plan_runs(lead, trigger, occurrence, moment, because, *, rules=None):
    """Write down that rules are set off by something that happened to a lead at a moment; returns how many are new.

    Rules whose conditions the lead does not meet are not set off. What is due at once is done right after the commit.
    """
    rules = FollowUpRule.objects.set_off_by(trigger) if rules is None else rules
    hours, now = hours_of(lead.clinic, lead.location_id), timezone.now()
    runs = [
        FollowUpRun(
            rule=rule,
            rule_name=rule.name,
            lead=lead,
            occurrence=occurrence[:80],
            because=because[:255],
            due_at=due_after(hours, max(moment, now) if not rule.delay else moment, rule.delay, rule.delay_unit),
        )
        for rule in rules
        if is_meant(rule, lead)
    ]
    known = (
        set(FollowUpRun.objects.filter(lead=lead, occurrence=occurrence[:80]).values_list("rule_id", flat=True))
        if runs
        else set()
    )
    new = [run for run in runs if run.rule_id not in known]
    FollowUpRun.objects.bulk_create(new, ignore_conflicts=True)
    if any(run.due_at <= now + timedelta(seconds=1) for run in new):
        wake_for_all(RUN_TASK)
    return len(new)


def is_meant(rule, lead):
    """Whether a lead meets the conditions of a rule."""
    return not rule.conditions or Lead.objects.filter(rule.conditions, pk=lead.pk).exists()
