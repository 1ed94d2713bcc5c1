"""At the phone: a call is added to somebody who is here already, and a lead entered a moment ago is taken back."""

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from crm.asking_again import add_touch
from crm.duplicates.indexing import forget_leads
from crm.entry_tasks import take_back_entry_task
from crm.inquiries import Inquiry
from crm.intake import as_it_came
from crm.models import ContactPoint, LeadContactPoint, LeadStatus, LeadSubmission
from crm.pipeline import UNDO_WITHIN, lock_lead
from crm.rules import LeadIsLocked, NothingToUndo, UndoTooLate
from crm.submissions import lock_submission, write_submission


@transaction.atomic
def add_call(lead, values, *, by, key=""):
    """Note that somebody who is here already has called: a new touch with what was said and typed; returns the lead.

    What was not known is filled in, nothing that was is changed. The same `key` twice adds one touch. Records
    "crm.lead.asked_again". Raises LeadIsLocked, FieldRefused.
    """
    if lock_lead(lead).is_locked:
        raise LeadIsLocked
    kept = write_submission(LeadSubmission.Channel.PHONE, as_it_came(values), idempotency_key=key)
    submission = lock_submission(kept)
    if submission.lead is not None:
        return submission.lead
    lead = add_touch(lead, Inquiry(values={name: value for name, value in values.items() if value}), submission, by=by)
    submission.lead, submission.outcome = lead, LeadSubmission.Outcome.NEW_TOUCH
    submission.status, submission.processed_at = LeadSubmission.Status.PROCESSED, timezone.now()
    submission.save(update_fields=["lead", "outcome", "status", "processed_at", "updated_at"])
    return lead


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
