"""Ad campaigns from the click to collected money: budget, what was spent, events, leads, patients, revenue."""

from dataclasses import dataclass

from crm.analytics import ratio
from crm.figures.credit import credit_campaigns
from crm.figures.lines import read_lines
from crm.models import AdCampaign, FigureKind, KpiEvent, KpiKind


@dataclass(frozen=True)
class CampaignFigures:
    """Leads and patients may be fractions, where a model shares them; the budget is that of the period's months.

    `events` are the key figure events of the period, {kind: how many}; `invoiced_cents` what paid invoices among them
    come to.
    """

    campaign: AdCampaign
    budget_cents: int | None
    spent_cents: int | None
    events: dict
    invoiced_cents: int | None
    leads: float
    converted: float
    cents: int

    @property
    def rate(self):
        return ratio(self.converted, self.leads)


def read_campaigns(reading):
    """[CampaignFigures] of those with leads, spend or events in the period, what brought the most first."""
    period = reading.period
    cards = read_lines(period, FigureKind.AD, ("place",), ("number", "converted", "cents"))
    credit = credit_campaigns({place: sums for place, *sums in cards}, reading.shares)[reading.model]
    events, spent = {}, {}
    told = KpiEvent.objects.between(period.start, period.end).totals_by_campaign()
    for (campaign, kind), (number, _cents) in told.items():
        events.setdefault(campaign, {})[kind] = number
    for (_source, campaign), cents in reading.costs.by_campaign.items():
        if campaign:
            spent[campaign] = spent.get(campaign, 0) + cents
    found = []
    for campaign in AdCampaign.objects.all():
        part = credit.get(str(campaign.pk))
        if part is None and campaign.pk not in spent and campaign.pk not in events:
            continue
        found.append(
            CampaignFigures(
                campaign,
                round(campaign.monthly_spend_cents * period.months) or None,
                spent.get(campaign.pk),
                events.get(campaign.pk, {}),
                told.get((campaign.pk, KpiKind.INVOICE_PAID), (0, None))[1],
                round(part.leads, 2) if part else 0,
                round(part.converted, 2) if part else 0,
                round(part.cents) if part else 0,
            )
        )
    return sorted(found, key=lambda row: (-row.cents, -row.leads, row.campaign.name.casefold()))
