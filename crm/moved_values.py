"""The value that somebody says while they move a lead: kept beside the move, and taken back with it."""

from clinics.audit import record
from clinics.writing import write_changes
from crm.models import Opportunity

FACTS = ("expected_value_cents", "procedure_code", "expected_date", "blocker")


def value_of(lead):
    """What is known of a lead's opportunity, ready to be kept; None if nothing is."""
    known = Opportunity.objects.filter(lead=lead).values(*FACTS).first()
    if known and known["expected_date"]:
        known["expected_date"] = known["expected_date"].isoformat()
    return known


def remember_value(change, before, after):
    """Keep beside a move what was known of the opportunity before it (see value_of), and what was said with it."""
    change.before |= {"valued": {"before": before, "after": after}}
    change.save(update_fields=["before", "updated_at"])


def take_back_value(lead, change, *, by):
    """Put the opportunity of an undone move back; one that somebody has changed since stays. Says whether it did.

    Records "crm.opportunity.set".
    """
    valued = change.before.get("valued")
    if not valued or value_of(lead) != valued["after"]:
        return False
    before = valued["before"]
    if before is None:
        Opportunity.objects.filter(lead=lead).delete()
    else:
        Opportunity.objects.filter(lead=lead).update(**before)
    lead.expected_value_cents = before and before["expected_value_cents"]
    write_changes(lead, ["expected_value_cents", "updated_at"])
    record("crm.opportunity.set", lead, by=by, before=valued["after"], after=before or dict.fromkeys(FACTS))
    return True
