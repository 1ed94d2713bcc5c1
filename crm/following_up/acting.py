"""What rules do once they are due: each run in a transaction of its own, claimed by its row, done once, and logged."""

from datetime import datetime, time, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinics.absence import managers_of
from clinics.audit import SYSTEM, record
from clinics.errors import RuleBroken
from clinics.live import publish
from clinics.notifications import language_of
from crm.activities import add_task
from crm.alarms import BY_RULE, raise_alarm
from crm.following_up.noticing import is_meant
from crm.locking import lock_lead
from crm.models import (
    FollowUpAction,
    FollowUpRun,
    Lead,
    LeadStatus,
    LeadTask,
    MessageChannel,
    RunOutcome,
    Trigger,
)
from crm.models.follow_up_run import DID
from crm.next_step import unanswered_attempts
from crm.suggesting import lies_ahead, suggest_move
from crm.tagging import tag_lead
from patients.models import AppointmentStatus

TRIES = 3
PAUSE = timedelta(minutes=5)
Status = FollowUpRun.Status
HELD_BY = {
    Trigger.APPOINTMENT_DONE: (AppointmentStatus.COMPLETED,),
    Trigger.APPOINTMENT_MISSED: (AppointmentStatus.NO_SHOW,),
    Trigger.APPOINTMENT_BOOKED: (AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED),
}
log = structlog.get_logger("recare.follow_up")


@transaction.atomic
def run_next(now):
    """Act on the run that has waited longest, unless another worker has it; returns it, or None if nothing is due."""
    due = FollowUpRun.objects.due(now).select_for_update(of=("self",), skip_locked=True)
    run = due.select_related("rule", "clinic").first()
    if run is None:
        return None
    with translation.override(run.clinic.language):
        try:
            with transaction.atomic():
                outcome, facts = _act(run, now)
        except Lead.DoesNotExist:
            outcome, facts = RunOutcome.LEAD_CLOSED, {}
        except RuleBroken as broken:
            outcome, facts = RunOutcome.BROKEN, {"why": str(broken)}
        except (OperationalError, InterfaceError):
            raise
        except Exception as problem:  # one rule that stumbles stops neither the others nor itself for good
            log.exception("follow-up rule failed", run_id=str(run.pk), error=type(problem).__name__)
            return _try_again(run, now)
    return _end(run, outcome, facts, now)


def _try_again(run, now):
    run.attempts += 1
    if run.attempts >= TRIES:
        return _end(run, RunOutcome.ERROR, {}, now)
    run.due_at = now + PAUSE
    run.save(update_fields=["attempts", "due_at", "updated_at"])
    return run


def _end(run, outcome, facts, now):
    run.outcome, run.facts, run.ran_at = outcome, facts, now
    run.status = Status.DONE if outcome in DID else Status.FAILED if outcome == RunOutcome.ERROR else Status.SKIPPED
    run.save(update_fields=["outcome", "facts", "ran_at", "status", "attempts", "updated_at"])
    publish(f"lead-{run.lead_id}")
    return run


def _act(run, now):
    rule, lead = run.rule, lock_lead(Lead(pk=run.lead_id))
    obstacle = _obstacle(run, rule, lead, now)
    if obstacle:
        return obstacle, {"cap": rule.daily_cap} if rule else {}
    return ACTIONS[rule.action](run, rule, lead)


def _obstacle(run, rule, lead, now):
    """Why the rule does not act after all, or None: what set it off may be over by now."""
    if rule is None or not rule.is_active:
        return RunOutcome.RULE_OFF
    if lead.is_locked or lead.status == LeadStatus.ARCHIVED:
        return RunOutcome.LEAD_CLOSED
    if not is_meant(rule, lead):
        return RunOutcome.NOT_MEANT
    if not _still_holds(run, rule, lead):
        return RunOutcome.OVER
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(now), time.min))
    if rule.runs.that_acted_since(midnight).count() >= rule.daily_cap:
        return RunOutcome.CAP
    return None


def _still_holds(run, rule, lead):
    """Whether what set a rule off is still so: the lead did not move on, nobody answered, the appointment stands."""
    if rule.trigger in (Trigger.STAGE_ENTERED, Trigger.STUCK_DAYS):
        return run.occurrence.partition(":")[2] == lead.stage_entered_at.isoformat()
    if rule.trigger == Trigger.NO_CONTACT_HOURS:
        return lead.first_contacted_at is None and lead.is_open
    if rule.trigger == Trigger.NO_RESPONSE:
        return lead.is_open and unanswered_attempts(lead, rule.threshold)[0] >= rule.threshold
    if rule.trigger in HELD_BY:
        appointment = lead.consultation
        is_this = appointment is not None and run.occurrence == f"appointment:{appointment.pk}"
        return is_this and appointment.status in HELD_BY[rule.trigger]
    return lead.is_open


def _set_task(run, rule, lead):
    template = rule.task_template
    if LeadTask.objects.filter(lead=lead).open_or_known(template.title, None).exists():
        return RunOutcome.OPEN_ALREADY, {"title": template.title}
    kept = {name: getattr(template, name) for name in ("title", "description", "type", "priority")}
    due_at = timezone.now() + timedelta(minutes=template.due_after_minutes)
    add_task(lead, by=SYSTEM, due_at=due_at, template=template, key=str(run.pk), **kept)
    return RunOutcome.TASK_SET, {"title": template.title}


def _hand_over_message(run, rule, lead):
    """Record that a message is due: whoever sends messages reacts to it, with its consent and quiet hours."""
    channel = MessageChannel(rule.message_channel)
    told = {"channel": str(channel.label)}
    if not is_reached(lead, channel):
        return RunOutcome.NO_ADDRESS, told
    metadata = {
        "run": str(run.pk),
        "rule": str(rule.pk),
        "channel": rule.message_channel,
        "subject": rule.message_subject,
        "text": rule.message_text,
    }
    record("crm.follow_up.message_due", lead, by=SYSTEM, metadata=metadata)
    return RunOutcome.MESSAGE_DUE, told


def is_reached(lead, channel):
    """Whether a lead has an address for a MessageChannel."""
    return bool(lead.email_norm if channel == MessageChannel.EMAIL else lead.phone_e164)


def _escalate(run, rule, lead):
    managers = managers_of(lead.assigned_to)
    if not managers:
        return RunOutcome.NOBODY, {}
    for manager in managers:
        with translation.override(language_of(manager)):
            text = _("%(lead)s needs you: %(why)s.") % {"lead": lead.display_name, "why": run.because}
        raise_alarm(manager, BY_RULE, text, lead)
    record("crm.follow_up.escalated", lead, by=SYSTEM, after={"to": managers}, metadata={"run": str(run.pk)})
    return RunOutcome.ESCALATED, {"who": ", ".join(manager.display_name for manager in managers)}


def _suggest(run, rule, lead):
    told = {"stage": str(rule.target_stage)}
    if not lies_ahead(lead, rule.target_stage):
        return RunOutcome.NOT_AHEAD, told
    suggest_move(lead, rule.target_stage)
    return RunOutcome.SUGGESTED, told


def _tag(run, rule, lead):
    is_new = tag_lead(lead, rule.tag, by=SYSTEM)
    return (RunOutcome.TAGGED if is_new else RunOutcome.TAGGED_ALREADY), {"tag": str(rule.tag)}


ACTIONS = {
    FollowUpAction.TASK: _set_task,
    FollowUpAction.MESSAGE: _hand_over_message,
    FollowUpAction.ESCALATE: _escalate,
    FollowUpAction.SUGGEST: _suggest,
    FollowUpAction.TAG: _tag,
}
