"""What was spent on a source in a month: entered, changed, removed, and each of that taken back."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.audit import record
from clinics.errors import RuleBroken
from crm.models import AdCampaign, AdSpend, LeadSource

ENTERED, REMOVED = "crm.spend.entered", "crm.spend.removed"


class SpendChangedSince(RuleBroken):
    message = _("This spend has been changed since. It stays as it is.")


@transaction.atomic
def enter_spend(month, source, *, cents, ad_campaign=None, note="", by):
    """Say what was spent on a source, or one of its campaigns, in a month; what was said before is replaced.

    Returns (AdSpend, AuditLog). Records "crm.spend.entered".
    """
    month = month.replace(day=1)
    LeadSource.objects.select_for_update().get(pk=source.pk)
    spend = AdSpend.objects.filter(month=month, source=source, ad_campaign=ad_campaign).first()
    before = spend and facts_of(spend)
    spend = spend or AdSpend(month=month, source=source, ad_campaign=ad_campaign)
    spend.cents, spend.note, spend.entered_by = cents, note, by
    spend.save()
    return spend, record(ENTERED, spend, by=by, before=before, after=facts_of(spend))


@transaction.atomic
def remove_spend(spend, *, by):
    """Take an entry away; returns the AuditLog, by which it can be brought back. Records "crm.spend.removed"."""
    event = record(REMOVED, spend, by=by, before=facts_of(spend))
    spend.delete()
    return event


@transaction.atomic
def undo_spend(event, *, by):
    """Put back what an entry or a removal has changed. Raises SpendChangedSince."""
    after, before = event.after, event.before
    said = before or after
    source = LeadSource.objects.select_for_update().filter(pk=said["source"]).first()
    campaign = AdCampaign.objects.filter(pk=said["ad_campaign"]).first() if said["ad_campaign"] else None
    if source is None or (said["ad_campaign"] and campaign is None):
        raise SpendChangedSince
    rows = AdSpend.objects.filter(month=said["month"], source=source, ad_campaign=campaign)
    now = rows.first()
    if (now and facts_of(now)) != (after or None):
        raise SpendChangedSince
    if before:
        spend = now or AdSpend(month=said["month"], source=source, ad_campaign=campaign)
        spend.cents, spend.note, spend.entered_by = before["cents"], before["note"], by
        spend.save()
        record(ENTERED, spend, by=by, before=after, after=facts_of(spend))
    elif now:
        record(REMOVED, now, by=by, before=facts_of(now))
        now.delete()


def facts_of(spend):
    """What an entry says, as JSON."""
    return {
        "month": str(spend.month),
        "source": str(spend.source_id),
        "ad_campaign": str(spend.ad_campaign_id) if spend.ad_campaign_id else None,
        "cents": spend.cents,
        "note": spend.note,
    }
