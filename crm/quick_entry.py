"""At the phone: a call is added to somebody who is here already, and what was entered a moment ago is taken back."""

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from crm.archiving import archive_lead
from crm.asking_again import add_touch
from crm.duplicates.indexing import forget_leads
from crm.editing import edit_lead
from crm.entry_tasks import take_back_entry_task
from crm.inquiries import Inquiry
from crm.intake import as_it_came
from crm.models import (
    ContactPoint,
    Lead,
    LeadActivity,
    LeadContactPoint,
    LeadSource,
    LeadStatus,
    LeadSubmission,
    LeadTask,
    TaskStatus,
)
from crm.pipeline import UNDO_WITHIN, lock_lead, undo_move
from crm.rules import LeadIsLocked, NothingToUndo, UndoTooLate
from crm.submissions import lock_submission, write_submission


@transaction.atomic
def add_call(lead, values, *, by, key=""):
    """Note that somebody who is here already has called: a new touch with what was said and typed.

    Returns the LeadSubmission that keeps it. What was not known is filled in, nothing that was is changed. The same
    `key` twice adds one touch. Records "crm.lead.asked_again". Raises LeadIsLocked, FieldRefused.
    """
    if lock_lead(lead).is_locked:
        raise LeadIsLocked
    kept = write_submission(LeadSubmission.Channel.PHONE, as_it_came(values), idempotency_key=key)
    submission = lock_submission(kept)
    if submission.lead is not None:
        return submission
    lead = add_touch(lead, Inquiry(values={name: value for name, value in values.items() if value}), submission, by=by)
    submission.lead, submission.outcome = lead, LeadSubmission.Outcome.NEW_TOUCH
    submission.status, submission.processed_at = LeadSubmission.Status.PROCESSED, timezone.now()
    submission.save(update_fields=["lead", "outcome", "status", "processed_at", "updated_at"])
    return submission


@transaction.atomic
def take_back_call(submission, *, by):
    """Take a call off the card to which oneself added it a moment ago; returns the LeadSubmission, set aside.

    What it filled in is empty again, unless somebody has changed it since, and a card that it brought back rests again.
    Twice is once. Records "crm.lead.activity_undone", and "crm.lead.edited" for what is empty again. Raises
    UndoTooLate after 15 minutes, NothingToUndo for what is no call of one's own or once the card has moved on,
    LeadIsLocked.
    """
    lead = lock_lead(submission.lead) if submission.lead else None
    submission = lock_submission(submission)
    if submission.channel == LeadSubmission.Channel.PHONE and submission.is_ignored:
        return submission
    activity = LeadActivity.objects.filter(lead=lead, by=by, payload__submission=str(submission.pk)).first()
    if lead is None or activity is None or submission.channel != LeadSubmission.Channel.PHONE:
        raise NothingToUndo
    if submission.received_at < timezone.now() - UNDO_WITHIN:
        raise UndoTooLate

    _empty_again(lead, submission, activity.payload, by=by)
    _let_rest_again(lead, submission, activity.payload, by=by)
    lead.touchpoints.filter(occurred_at=submission.received_at).delete()
    LeadActivity.objects.filter(pk=activity.pk).delete()
    submission.lead, submission.outcome, submission.status = None, "", LeadSubmission.Status.IGNORED
    submission.save(update_fields=["lead", "outcome", "status", "updated_at"])
    record("crm.lead.activity_undone", lead, by=by, before={"type": activity.type, "channel": submission.channel})
    publish("board", f"lead-{lead.pk}")
    return submission


def _empty_again(lead, submission, payload, *, by):
    """Take out what a call has filled in and nobody has changed since."""
    told = submission.payload | {"phone_alt": submission.payload.get("phone_alt") or submission.payload.get("phone")}
    now = as_it_came({name: getattr(lead, name) for name in payload.get("filled", ())})
    values = {name: Lead._meta.get_field(name).get_default() for name in now if now[name] == told.get(name)}
    if "source" in values:
        values["source"] = LeadSource.objects.get(pk=payload["source_before"])
    edit_lead(lead, values, version=lead.version, by=by)


def _let_rest_again(lead, submission, payload, *, by):
    """Put a card that a call has brought back to where it rested, without the task that came of it."""
    LeadTask.objects.filter(lead=lead, pk=payload.get("task"), status=TaskStatus.PENDING).delete()
    for change in lead.stage_changes.standing().filter(changed_at__gte=submission.received_at, before__status="LOST"):
        undo_move(change, by=by)
    if payload.get("status_before") == LeadStatus.ARCHIVED:
        lead = lock_lead(lead)
        if lead.stage_entered_at > submission.received_at:
            raise NothingToUndo
        archive_lead(lead, by=by)


@transaction.atomic
def withdraw_lead(lead, *, by):
    """Take back a lead that was entered a moment ago and that nobody has worked on since; returns it, deleted.

    Records "crm.lead.withdrawn". Raises UndoTooLate after 15 minutes, NothingToUndo once it was worked on.
    """
    lead = lock_lead(lead)
    if lead.created_at < timezone.now() - UNDO_WITHIN:
        raise UndoTooLate
    take_back_entry_task(lead, lead.pk)
    was_worked_on = lead.tasks.exists() or lead.stage_changes.exists() or lead.activities.count() > 1
    if was_worked_on or lead.touchpoints.count() > 1 or lead.status != LeadStatus.NEW:
        raise NothingToUndo

    lead.deleted_at, lead.version, lead.updated_by = timezone.now(), lead.version + 1, by
    lead.save(update_fields=["deleted_at", "version", "updated_by", "updated_at"])
    forget_leads([lead.pk])
    links = LeadContactPoint.objects.filter(lead=lead)
    points = list(links.values_list("contact_point_id", flat=True))
    links.delete()
    ContactPoint.objects.filter(pk__in=points, lead_links=None).delete()
    record("crm.lead.withdrawn", lead, by=by)
    publish("board")
    return lead
