"""Writing down what happened with a lead: calls with their outcome and the next step, notes, and tasks done."""

import uuid

from django.db import transaction
from django.utils import timezone

from clinics.audit import SYSTEM, record, record_many
from clinics.live import publish
from clinics.writing import write_new
from crm.lead_clocks import note_automatic, restart_clock, stop_clock
from crm.models import ActivityType, Direction, Lead, LeadActivity, LeadStatus, LeadTask, TaskStatus
from crm.pipeline import UNDO_WITHIN, lock_lead
from crm.rules import LeadIsLocked, NotToBeUndone, OutcomeMissing, UndoTooLate
from crm.wrong_numbers import forget_call, learn_from_call

# A person was at the other end, or at least rung: what stops the speed-to-lead clock.
CONTACT = {ActivityType.PHONE_CALL, ActivityType.EMAIL, ActivityType.SMS, ActivityType.IN_PERSON}
# What somebody wrote down by hand, and may take back; the rest of the timeline is written by what happened.
BY_HAND = CONTACT | {ActivityType.NOTE}


@transaction.atomic
def log_activity(lead, type, *, by, key="", **facts):
    """Add one activity to a lead's timeline; returns it. The same `key` twice adds it once.

    `facts` are fields of LeadActivity (direction, outcome, notes, duration_minutes, occurred_at, payload). A first
    outgoing contact by a person stops the speed-to-lead clock. Records "crm.lead.activity_logged". Raises LeadIsLocked,
    OutcomeMissing for an outgoing call without one.
    """
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    if type == ActivityType.PHONE_CALL and facts.get("direction") == Direction.OUTBOUND and not facts.get("outcome"):
        raise OutcomeMissing
    if key:
        facts["id"] = _identity(lead, key)
        known = LeadActivity.objects.filter(pk=facts["id"]).first()
        if known is not None:
            return known
    facts.setdefault("occurred_at", timezone.now())
    activity = LeadActivity(lead=lead, type=type, by=by, **facts)
    if _is_contact(activity) and lead.first_contacted_at is None:
        activity.payload = activity.payload | {"status_before": lead.status}
        lead.first_contacted_at = activity.occurred_at
        if lead.status == LeadStatus.NEW:
            lead.status = LeadStatus.ACTIVE
        lead.save(update_fields=["first_contacted_at", "status", "updated_at"])
        stop_clock(lead, at=activity.occurred_at, by=by)
    elif is_automatic(activity):
        note_automatic(lead, activity.occurred_at)
    activity.save(force_insert=True)
    record("crm.lead.activity_logged", lead, by=by, metadata={"type": type, "outcome": activity.outcome})
    publish(f"lead-{lead.pk}", "board")
    return activity


@transaction.atomic
def log_incoming(happened):
    """Add what leads wrote to their timelines, many at once: `happened` lists (lead's id, type, key, facts) as
    log_activity takes them. Leads that are locked or gone are passed over, and no clock stops. Records the same.
    """
    wanted = {each[0] for each in happened}
    rows = Lead.objects.present().select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
    leads = {lead.pk: lead for lead in rows if not lead.is_locked}
    activities = [
        LeadActivity(
            id=_identity(leads[lead_id], key), lead=leads[lead_id], type=type, direction=Direction.INBOUND, **facts
        )
        for lead_id, type, key, facts in happened
        if lead_id in leads
    ]
    known = set(LeadActivity.objects.filter(pk__in=[each.pk for each in activities]).values_list("pk", flat=True))
    new = [activity for activity in activities if activity.pk not in known]
    if not new:
        return
    LeadActivity.objects.bulk_create(new)
    for type in sorted({activity.type for activity in new}):
        about = [(activity.lead, None, None) for activity in new if activity.type == type]
        record_many("crm.lead.activity_logged", about, by=SYSTEM, metadata={"type": type, "outcome": ""})
    publish(*sorted({f"lead-{activity.lead_id}" for activity in new}), "board")


def _is_contact(activity):
    is_outgoing = activity.type in CONTACT and activity.direction == Direction.OUTBOUND
    return is_outgoing and activity.by_id is not None and not is_automatic(activity)


def is_automatic(activity):
    """Whether nobody wrote or spoke: a reply that goes out by itself stops no clock."""
    return bool(activity.payload.get("automatic"))


def _identity(lead, key):
    """The id that a key stands for: of this lead alone, so that a key can neither meet nor find another's row."""
    return uuid.uuid5(lead.pk, str(key))


@transaction.atomic
def log_call(lead, *, by, outcome, next_step=None, number="", **facts):
    """Log an outgoing call with its outcome (a CallOutcome) and, in one go, the task that follows; see log_activity.

    `next_step` holds the facts of add_task; `number` (E.164) is the one that was called, the lead's first if nothing is
    said: a wrong number is remembered. Undoing the call takes both back too.
    """
    number = number or lead.phone_e164
    facts["payload"] = facts.get("payload", {}) | ({"number": number} if learn_from_call(number, outcome) else {})
    if next_step and facts.get("key"):
        next_step = next_step | {"key": facts["key"]}
    if next_step:
        task = add_task(lead, by=by, **next_step)
        facts["payload"] = facts["payload"] | {"next_task": str(task.pk), "next_title": task.title}
    return log_activity(lead, ActivityType.PHONE_CALL, by=by, direction=Direction.OUTBOUND, outcome=outcome, **facts)


def add_note(lead, text, *, by, key=""):
    """Add a note that only staff read; see log_activity."""
    return log_activity(lead, ActivityType.NOTE, by=by, notes=text, key=key)


@transaction.atomic
def undo_activity(activity, *, by):
    """Take back a call or note just logged, with the next step that came of it; returns the lead.

    The speed-to-lead clock is again what it was without it. Records "crm.lead.activity_undone". Raises LeadIsLocked,
    NotToBeUndone for what was not written by hand, UndoTooLate after 15 minutes.
    """
    lead = lock_lead(activity.lead)
    if lead.is_locked:
        raise LeadIsLocked
    if activity.type not in BY_HAND:
        raise NotToBeUndone
    if activity.created_at < timezone.now() - UNDO_WITHIN:
        raise UndoTooLate

    activity_id, facts = activity.pk, {"type": activity.type, "outcome": activity.outcome}
    LeadTask.objects.filter(lead=lead, pk=activity.payload.get("next_task"), status=TaskStatus.PENDING).delete()
    forget_call(activity.payload.get("number"), activity.outcome)
    LeadActivity.objects.filter(pk=activity_id).delete()
    _wind_back_clock(lead, activity)
    record("crm.lead.activity_undone", lead, by=by, before=facts)
    publish(f"lead-{lead.pk}", "board")
    return lead


def _wind_back_clock(lead, activity):
    if lead.first_contacted_at != activity.occurred_at:
        return
    others = lead.activities.filter(type__in=CONTACT, direction=Direction.OUTBOUND, by__isnull=False)
    first = others.exclude(payload__contains={"automatic": True}).select_related("by").order_by("occurred_at").first()
    lead.first_contacted_at = first.occurred_at if first else None
    is_new_again = activity.payload.get("status_before") == LeadStatus.NEW and lead.stage.is_default
    if lead.first_contacted_at is None and lead.status == LeadStatus.ACTIVE and is_new_again:
        lead.status = LeadStatus.NEW
    lead.save(update_fields=["first_contacted_at", "status", "updated_at"])
    if first is None:
        restart_clock(lead)
    else:
        stop_clock(lead, at=first.occurred_at, by=first.by)


@transaction.atomic
def add_task(lead, *, by, title, due_at, key="", **facts):
    """Set the next step for a lead: a task for `assigned_to`, or else for its coordinator; returns the LeadTask.

    The same `key` twice sets it once. Records "crm.task.created". Raises LeadIsLocked.
    """
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    if key:
        facts["id"] = _identity(lead, key)
        known = LeadTask.objects.filter(pk=facts["id"]).first()
        if known is not None:
            return known
    facts["assigned_to"] = facts.get("assigned_to") or lead.assigned_to or by
    task = write_new(LeadTask(lead=lead, title=title, due_at=due_at, **facts))
    record("crm.task.created", lead, by=by, after={"task": task, "due_at": due_at})
    publish(f"lead-{lead.pk}", "board", "tasks")
    return task
