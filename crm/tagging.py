"""Putting the clinic's tags on leads, and taking them off."""

from clinics.audit import record
from clinics.live import publish
from clinics.writing import remove, whole, write_new
from crm.locking import answer_for, lock_lead
from crm.models import LeadTag
from crm.rules import LeadIsLocked


@whole
def tag_lead(lead, tag, *, by):
    """Put a tag on a lead, once; returns whether it was not there before. Records "crm.lead.tagged".

    Raises LeadIsLocked.
    """
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    is_new = tag.pk not in (answer_for(lead.pk, tags_on) or ())
    if is_new:
        write_new(LeadTag(lead=lead, tag=tag))
        record("crm.lead.tagged", lead, by=by, after={"tag": tag.name})
        publish("board", f"lead-{lead.pk}")
    return is_new


@whole
def untag_lead(lead, tag, *, by):
    """Take a tag off a lead; returns whether it was there. Records "crm.lead.untagged". Raises LeadIsLocked."""
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    link_id = (answer_for(lead.pk, tags_on) or {}).get(tag.pk)
    if link_id:
        remove(LeadTag, pk=link_id)
        record("crm.lead.untagged", lead, by=by, before={"tag": tag.name})
        publish("board", f"lead-{lead.pk}")
    return bool(link_id)


def tags_on(lead_ids):
    """{lead id: {tag id: id of its link}}."""
    found = {}
    for lead_id, tag_id, pk in LeadTag.objects.filter(lead__in=lead_ids).values_list("lead_id", "tag_id", "pk"):
        found.setdefault(lead_id, {})[tag_id] = pk
    return found
