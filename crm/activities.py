"""Writing down what happened with a lead: calls with their outcome, notes, and the next step that follows."""

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from crm.models import ActivityType, Direction, LeadActivity, LeadStatus, LeadTask
from crm.pipeline import lock_lead
from crm.rules import LeadIsLocked

# A person was at the other end, or at least rung: what stops the speed-to-lead clock.
CONTACT = {ActivityType.PHONE_CALL, ActivityType.EMAIL, ActivityType.SMS, ActivityType.IN_PERSON}


@transaction.atomic
def log_activity(lead, type, *, by, **facts):
    """Add one activity to a lead's timeline; returns it.

    `facts` are fields of LeadActivity (direction, outcome, notes, duration_minutes, occurred_at, payload). A first
    outgoing contact stops the speed-to-lead clock. Records "crm.lead.activity_logged". Raises LeadIsLocked.
    """
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    facts.setdefault("occurred_at", timezone.now())
    activity = LeadActivity.objects.create(lead=lead, type=type, by=by, **facts)
    if type in CONTACT and lead.first_contacted_at is None and activity.direction == Direction.OUTBOUND:
        lead.first_contacted_at = activity.occurred_at
        if lead.status == LeadStatus.NEW:
            lead.status = LeadStatus.ACTIVE
        lead.save(update_fields=["first_contacted_at", "status", "updated_at"])
    record("crm.lead.activity_logged", lead, by=by, metadata={"type": type, "outcome": activity.outcome})
    publish(f"lead-{lead.pk}", "board")
    return activity


def log_call(lead, *, by, outcome, notes="", duration_minutes=None):
    """Log an outgoing call with its outcome (a CallOutcome); see log_activity."""
    return log_activity(
        lead,
        ActivityType.PHONE_CALL,
        by=by,
        direction=Direction.OUTBOUND,
        outcome=outcome,
        notes=notes,
        duration_minutes=duration_minutes,
    )


def add_note(lead, text, *, by):
    """Add a note that only staff read; see log_activity."""
    return log_activity(lead, ActivityType.NOTE, by=by, notes=text)


@transaction.atomic
def undo_activity(activity, *, by):
    """Take back a call or note just logged. Records "crm.lead.activity_undone". Raises LeadIsLocked."""
    lead = lock_lead(activity.lead)
    if lead.is_locked:
        raise LeadIsLocked
    if lead.first_contacted_at == activity.occurred_at:
        lead.first_contacted_at = None
        lead.save(update_fields=["first_contacted_at", "updated_at"])
    record("crm.lead.activity_undone", lead, by=by, before={"type": activity.type, "outcome": activity.outcome})
    activity.delete()
    publish(f"lead-{lead.pk}", "board")
    return lead


@transaction.atomic
def add_task(lead, *, by, title, due_at, assigned_to=None, **facts):
    """Set the next step for a lead: a task for `assigned_to`, or else for its coordinator; returns the LeadTask.

    Records "crm.task.created". Raises LeadIsLocked.
    """
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    task = LeadTask.objects.create(
        lead=lead, title=title, due_at=due_at, assigned_to=assigned_to or lead.assigned_to or by, **facts
    )
    record("crm.task.created", lead, by=by, after={"task": task, "due_at": due_at})
    publish(f"lead-{lead.pk}", "board")
    return task
