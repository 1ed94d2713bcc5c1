"""Taking leads off the board and the lists without losing them, and putting them back."""

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from clinics.writing import is_together, write_changes
from crm.assignment.mending import own_again
from crm.entry_tasks import put_tasks_away, take_tasks_out
from crm.models import LeadStatus
from crm.pipeline import lock_lead
from crm.rules import LeadIsLocked


@transaction.atomic
def archive_lead(lead, *, by):
    """Put a lead away: off the board, its history kept; returns the lead. Archiving twice is archiving once.

    What was still to be done for it is dropped, so that nobody is reminded of it. Records "crm.lead.archived". Raises
    LeadIsLocked.
    """
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    if lead.status == LeadStatus.ARCHIVED:
        return lead

    before, lead.status, lead.archived_at = lead.status, LeadStatus.ARCHIVED, timezone.now()
    put_tasks_away(lead)
    _save(lead, by=by)
    record("crm.lead.archived", lead, by=by, before={"status": before}, after={"status": lead.status})
    return lead


@transaction.atomic
def unarchive_lead(lead, *, by):
    """Take a lead out of the archive, into the stage where it stood: lost if it was lost, open if it was not.

    What was to be done for it when it went in is to be done again. One that is open again and whose coordinator may own
    none any more gets another one. Returns the lead. Records "crm.lead.unarchived". Raises CoordinatorMissing.
    """
    lead = lock_lead(lead)
    if lead.status != LeadStatus.ARCHIVED:
        return lead

    take_tasks_out(lead)
    lead.status, lead.archived_at = _status_before(lead), None
    _save(lead, by=by)
    record("crm.lead.unarchived", lead, by=by, before={"status": LeadStatus.ARCHIVED}, after={"status": lead.status})
    return lead if is_together() else own_again(lead, by=by)


def _status_before(lead):
    if lead.lost_at:
        return LeadStatus.LOST
    is_new = lead.stage.is_default and lead.first_contacted_at is None
    return LeadStatus.NEW if is_new else LeadStatus.ACTIVE


def _save(lead, *, by):
    lead.version += 1
    lead.updated_by = by
    write_changes(lead, ["status", "archived_at", "version", "updated_by", "updated_at"])
    publish("board", f"lead-{lead.pk}")
