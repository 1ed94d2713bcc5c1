"""Putting the clinic's tags on leads, and taking them off."""

from django.db import transaction

from clinics.audit import record
from clinics.live import publish
from crm.models import LeadTag
from crm.pipeline import lock_lead
from crm.rules import LeadIsLocked


@transaction.atomic
def tag_lead(lead, tag, *, by):
    """Put a tag on a lead, once; returns whether it was not there before. Records "crm.lead.tagged".

    Raises LeadIsLocked.
    """
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    _link, is_new = LeadTag.objects.get_or_create(lead=lead, tag=tag)
    if is_new:
        record("crm.lead.tagged", lead, by=by, after={"tag": tag.name})
        publish("board", f"lead-{lead.pk}")
    return is_new


@transaction.atomic
def untag_lead(lead, tag, *, by):
    """Take a tag off a lead; returns whether it was there. Records "crm.lead.untagged". Raises LeadIsLocked."""
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    count, _by_model = LeadTag.objects.filter(lead=lead, tag=tag).delete()
    if count:
        record("crm.lead.untagged", lead, by=by, before={"tag": tag.name})
        publish("board", f"lead-{lead.pk}")
    return bool(count)
