"""Erasing one lead for good, as the law lets a person ask for."""

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.exporting import withdraw_files
from clinics.live import publish
from crm.exporting import KIND as EXPORT
from crm.forgetting import remove_leads
from crm.models import Lead
from crm.pipeline import lock_lead
from crm.rules import LeadIsBooked, LeadNameNotTyped
from patients.models import Appointment

ERASED = "erased"


@transaction.atomic
def erase_lead(lead, *, typed_name, by):
    """Delete a lead, those that were merged into it, and all that is kept of them; nothing brings it back.

    `typed_name` must be the lead's name as it is shown. A patient that it became stays, to be erased on a page of their
    own. Records "crm.lead.erased" with how many rows went; returns that. Raises LeadNameNotTyped, LeadIsBooked, and
    what the rooms above raise.
    """
    lead = lock_lead(lead)
    if " ".join(typed_name.split()) != " ".join(lead.display_name.split()):
        raise LeadNameNotTyped
    if (
        Appointment.objects.standing()
        .filter(pk=lead.consultation_id, patient=None, ends_at__gt=timezone.now())
        .exists()
    ):
        raise LeadIsBooked
    leads = [lead, *_merged_into(lead)]
    record("crm.lead.erased", lead, by=by)
    counts = remove_leads(leads, why=ERASED, by=by) | {"exported_files": withdraw_files(EXPORT)}
    publish("board", "duplicates", f"lead-{lead.pk}")
    return counts


def _merged_into(lead):
    """The leads that were merged into this one, and into these."""
    found, known = [], {lead.pk}
    waiting = [lead]
    while waiting:
        merges = Lead.objects.merged_into(waiting).exclude(pk__in=known).order_by("pk")
        waiting = list(merges.select_for_update(of=("self",)))
        found += waiting
        known |= {each.pk for each in waiting}
    return found
