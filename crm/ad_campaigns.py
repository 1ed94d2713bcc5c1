"""Paid campaigns on advertising platforms: named, given a budget a month, and each of that taken back."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clinics.audit import record
from clinics.errors import RuleBroken
from crm.models import AdCampaign

CREATED, CHANGED = "crm.ad_campaign.created", "crm.ad_campaign.changed"
FIELDS = ("name", "platform", "external_id", "monthly_spend_cents")


class CampaignIsThere(RuleBroken):
    message = _("This platform has a campaign of this name or number already.")


class CampaignChangedSince(RuleBroken):
    message = _("This campaign has been changed since. It stays as it is.")


class CampaignIsUsed(RuleBroken):
    message = _("Leads, spend or events belong to this campaign already. It stays.")


@transaction.atomic
def save_campaign(campaign, values, *, by):
    """Add a campaign (None) or change one, by its fields; returns (AdCampaign, AuditLog, or None if all is as it was).

    Records "crm.ad_campaign.created" or "crm.ad_campaign.changed". Raises CampaignIsThere.
    """
    is_new = campaign is None
    campaign = AdCampaign() if is_new else AdCampaign.objects.select_for_update().get(pk=campaign.pk)
    before = {} if is_new else facts_of(campaign)
    for name, value in values.items():
        setattr(campaign, name, value)
    after = facts_of(campaign)
    changed = {name for name in after if is_new or after[name] != before[name]}
    if not changed:
        return campaign, None
    try:
        with transaction.atomic():
            campaign.save()
    except IntegrityError:
        raise CampaignIsThere from None
    if is_new:
        return campaign, record(CREATED, campaign, by=by, after=after)
    old, new = ({name: facts[name] for name in changed} for facts in (before, after))
    return campaign, record(CHANGED, campaign, by=by, before=old, after=new)


@transaction.atomic
def undo_campaign(event, *, by):
    """Take back that a campaign was added or changed. Raises CampaignChangedSince, CampaignIsUsed, CampaignIsThere."""
    campaign = AdCampaign.objects.select_for_update().filter(pk=event.resource_id).first()
    if campaign is None or any(facts_of(campaign)[name] != value for name, value in event.after.items()):
        raise CampaignChangedSince
    if event.action == CHANGED:
        save_campaign(campaign, event.before, by=by)
        return
    if AdCampaign.objects.used().filter(pk=campaign.pk).exists():
        raise CampaignIsUsed
    record("crm.ad_campaign.removed", campaign, by=by, before=facts_of(campaign))
    campaign.delete()


def facts_of(campaign):
    """What is said of a campaign, as JSON."""
    return {name: getattr(campaign, name) for name in FIELDS}
