"""Leads, new patients and collected revenue by source and ad campaign, shared as the models of crm.attribution say.

A lead with one touch counts for the source on its card, which people correct when they learn better. Only leads with
more touches are read one by one. What no source is known of stays unknown: it is shown and never spread.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection

from clinics.models.base import current_clinic_id
from crm.attribution import Model, weights
from crm.figures.revenue import paid_by
from crm.models import LeadStatus

UNKNOWN = None
# Each touch as source / campaign / days before the last touch, the oldest first.
PATHS = """
    SELECT lead, source, campaign, is_converted, array_agg(touched ORDER BY occurred_at, touch) FROM (
        SELECT l.id AS lead, l.source_id AS source, l.ad_campaign_id AS campaign, l.status = %(converted)s AS is_converted,
            t.id AS touch, t.occurred_at, coalesce(t.source_id::text, '') || '/' || coalesce(t.ad_campaign_id::text, '') || '/' ||
            extract(epoch FROM max(t.occurred_at) OVER (PARTITION BY l.id) - t.occurred_at)::bigint / 86400 AS touched
        FROM crm_lead l
        JOIN crm_touchpoint t ON t.clinic_id = l.clinic_id AND t.lead_id = l.id
            AND t.occurred_at <= coalesce(l.converted_at, t.occurred_at)
        WHERE l.clinic_id = %(clinic)s AND l.deleted_at IS NULL AND l.captured_at >= %(start)s AND l.captured_at < %(end)s
            AND (%(sources)s::uuid[] IS NULL OR l.source_id = ANY(%(sources)s::uuid[]))
            AND (%(locations)s::uuid[] IS NULL OR l.location_id = ANY(%(locations)s::uuid[]))
            AND EXISTS (SELECT 1 FROM crm_touchpoint r WHERE r.clinic_id = l.clinic_id AND r.lead_id = l.id AND r.is_repeat)
    ) touches GROUP BY lead, source, campaign, is_converted
"""  # noqa: E501


@dataclass
class Credit:
    """A share of leads and patients, which may be a fraction, and of cents."""

    leads: float = 0
    converted: float = 0
    cents: float = 0

    def add(self, share, leads, converted, cents):
        self.leads += share * leads
        self.converted += share * converted
        self.cents += share * cents


@dataclass(frozen=True)
class Path:
    """A lead with more than one touch: the source and campaign on its card, and (source, campaign) of each touch."""

    source: str
    campaign: str
    converted: int
    cents: int
    places: tuple
    ages: tuple


def read_paths(period):
    """The leads of a period that were touched more than once; two statements."""
    facts = {
        "clinic": current_clinic_id(),
        "converted": LeadStatus.CONVERTED,
        "start": period.start,
        "end": period.end,
        "sources": [str(pk) for pk in period.sources] or None,
        "locations": [str(pk) for pk in period.locations] or None,
    }
    with connection.cursor() as cursor:
        cursor.execute(PATHS, facts)
        rows = cursor.fetchall()
    paid = dict(paid_by(period, "l.id", only_touched_again=True)) if rows else {}
    return [
        Path(_text(source), _text(campaign), int(is_converted), paid.get(lead, 0), *_touches(touches))
        for lead, source, campaign, is_converted, touches in rows
    ]


def _touches(touches):
    parts = [touch.split("/") for touch in touches]
    return tuple((source, campaign) for source, campaign, _age in parts), tuple(int(age) for *_rest, age in parts)


def _text(value):
    return str(value) if value else ""


def credit_sources(sums_by_source, cents_by_source, paths, unknown=()):
    """{model: {source id as text, or UNKNOWN: Credit}} of a cohort.

    `sums_by_source` and `cents_by_source` count every lead for the source on its card; `paths` are those with several
    touches; `unknown` are the sources that stand for "nobody asked".
    """
    once = defaultdict(Credit)
    for source, sums in sums_by_source.items():
        once[str(source)].add(1, sums.leads, sums.converted, cents_by_source.get(source, 0))
    for path in paths:
        once[path.source].add(-1, 1, path.converted, path.cents)
    return {model: _shared(once, paths, model, frozenset(map(str, unknown))) for model in Model}


def _shared(once, paths, model, unknown):
    found = defaultdict(Credit)
    for source, credit in once.items():
        found[UNKNOWN if source in unknown else source].add(1, credit.leads, credit.converted, credit.cents)
    for path in paths:
        for (source, _campaign), share in zip(path.places, weights(path.ages, model), strict=True):
            found[source if source and source not in unknown else UNKNOWN].add(share, 1, path.converted, path.cents)
    return {source: credit for source, credit in found.items() if credit.leads > 1e-9}


def credit_campaigns(leads_by_campaign, cents_by_campaign, paths):
    """{model: {campaign id as text: Credit}}: `leads_by_campaign` is {campaign: (leads, converted)} by the card."""
    once = defaultdict(Credit)
    for campaign, (leads, converted) in leads_by_campaign.items():
        once[str(campaign)].add(1, leads, converted, cents_by_campaign.get(campaign, 0))
    for path in paths:
        if path.campaign:
            once[path.campaign].add(-1, 1, path.converted, path.cents)
    found = {}
    for model in Model:
        shared = defaultdict(Credit)
        for campaign, credit in once.items():
            shared[campaign].add(1, credit.leads, credit.converted, credit.cents)
        for path in paths:
            for (_source, campaign), share in zip(path.places, weights(path.ages, model), strict=True):
                if campaign:
                    shared[campaign].add(share, 1, path.converted, path.cents)
        found[model] = {campaign: credit for campaign, credit in shared.items() if credit.leads > 1e-9}
    return found
