"""What each source and each ad campaign cost in a period.

A source costs in each month what was entered as spent (AdSpend), or else its usual cost a month while it is in use. Of
a month that lies only partly within the period, that part is taken by its days.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Sum

from crm.models import AdSpend, LeadSource


@dataclass(frozen=True)
class Costs:
    """Cents by source, of those whose cost is known; by (source, ad campaign) what was entered; by month all of it."""

    by_source: dict
    by_campaign: dict
    by_month: dict

    def of(self, source_id):
        """What a source cost, or None if nobody has said what it costs."""
        return self.by_source.get(source_id)

    @property
    def total(self):
        return sum(self.by_source.values())


def read_costs(period):
    """The Costs of a period; two statements."""
    shares = dict(period.shares_of_months())
    sources = list(LeadSource.objects.filter(pk__in=period.sources) if period.sources else LeadSource.objects.all())
    entered = _entered(shares, [source.pk for source in sources])
    by_source, by_campaign, by_month = defaultdict(float), defaultdict(float), defaultdict(float)
    for source in sources:
        usual = source.monthly_cost_cents if source.is_active else None
        for month, share in shares.items():
            spent = entered.get((source.pk, month))
            cents = usual if spent is None else sum(spent.values())
            if cents is not None:
                by_source[source.pk] += cents * share
                by_month[month] += cents * share
            for campaign, each in (spent or {}).items():
                by_campaign[source.pk, campaign] += each * share
    return Costs(*({key: round(cents) for key, cents in found.items()} for found in (by_source, by_campaign, by_month)))


def _entered(months, source_ids):
    """{(source, month): {campaign or None: cents}} of what was entered."""
    found = defaultdict(lambda: defaultdict(int))
    rows = AdSpend.objects.filter(month__in=list(months), source__in=source_ids)
    for source, month, campaign, cents in rows.values_list("source_id", "month", "ad_campaign_id").annotate(
        sum=Sum("cents")
    ):
        found[source, month][campaign] += cents
    return found
