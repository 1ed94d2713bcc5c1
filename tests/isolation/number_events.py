"""What was done to the rows of figures and money, as the audit log tells it, for the addresses of undoing."""

from clinics.models import AuditLog
from crm.models import AdCampaign, AdSpend, CommissionRule, LeadSource
from crm.spending import facts_of


def spend_event(world):
    """The record of an entry of spend, made once, as it stands there while nobody has changed it since."""
    spend = world[AdSpend]
    return AuditLog.objects.get_or_create(
        action="crm.spend.entered",
        resource_type="crm.adspend",
        resource_id=spend.pk,
        defaults={"actor": world.admin, "after": facts_of(spend)},
    )[0].pk


def told_of(row, action, before, after):
    """The record of a change of a row, made once: what its undo takes back."""
    kind = row._meta.label_lower
    facts = {"before": before, "after": after}
    return AuditLog.objects.get_or_create(action=action, resource_type=kind, resource_id=row.pk, defaults=facts)[0].pk


def rule_event(world):
    name = f"{world.word} bonus"
    return told_of(world[CommissionRule], "crm.commission_rule.changed", {"name": "Bonus"}, {"name": name})


def campaign_event(world):
    campaign = world[AdCampaign]
    name = {"name": campaign.name}
    return told_of(campaign, "crm.ad_campaign.changed", name, name)


def cost_event(world):
    source = world[LeadSource]
    cost = {"monthly_cost_cents": source.monthly_cost_cents}
    return told_of(source, "crm.source.cost_set", cost, cost)


def years_event(world):
    clinic = world.clinic
    years = {"lead_retention_years": clinic.lead_retention_years}
    return told_of(clinic, "clinics.clinic.keeping_set", years, years)
