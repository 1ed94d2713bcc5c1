"""Leads, new patients and collected revenue by source and ad campaign, shared as the models of crm.attribution say.

A lead with one touch counts for the source on its card, which people correct when they learn better. What leads with
more touches are worth is taken off their cards and shared among their touches. What no source is known of stays
unknown: it is shown and never spread.
"""

from collections import defaultdict
from dataclasses import dataclass

from crm.attribution import Model
from crm.figures.lines import read_lines
from crm.models import FigureKind

UNKNOWN = None
NEXT_TO_NOTHING = 1e-9
SUMS = ("leads", "converted", "cents")


@dataclass
class Credit:
    """A share of leads and patients, which may be a fraction, and of cents."""

    leads: float = 0
    converted: float = 0
    cents: float = 0

    def add(self, leads, converted, cents):
        self.leads += leads
        self.converted += converted
        self.cents += cents

    def take_off(self, leads, converted, cents):
        self.add(-leads, -converted, -cents)


@dataclass(frozen=True)
class Shares:
    """Of the leads with more than one touch: what they are worth on their cards, and in the touches by each model.

    Rows of (source, campaign, leads, converted, cents).
    """

    number: int
    cards: list
    touches: dict


def read_shares(period):
    """The Shares of a period."""
    cards = read_lines(period, FigureKind.CARD, ("place", "other"), SUMS)
    touches = defaultdict(list)
    for model, *row in read_lines(period, FigureKind.CREDIT, ("word", "place", "other"), SUMS):
        touches[model].append(row)
    return Shares(round(sum(leads for _source, _campaign, leads, *_rest in cards)), cards, touches)


def credit_sources(sums_by_source, cents_by_source, shares, unknown=()):
    """{model: {source id as text, or UNKNOWN: Credit}} of a cohort.

    `sums_by_source` and `cents_by_source` count every lead for the source on its card; `unknown` are the sources that
    stand for "nobody asked".
    """
    once = defaultdict(Credit)
    for source, sums in sums_by_source.items():
        once[source].add(sums.leads, sums.converted, cents_by_source.get(source, 0))
    for source, _campaign, *worth in shares.cards:
        once[source].take_off(*worth)
    found = {}
    for model in Model:
        shared = defaultdict(Credit)
        for source, credit in once.items():
            shared[_known(source, unknown)].add(credit.leads, credit.converted, credit.cents)
        for source, _campaign, *worth in shares.touches[model]:
            shared[_known(source, unknown)].add(*worth)
        found[model] = _some(shared)
    return found


def _known(source, unknown):
    return UNKNOWN if source is None or source in unknown else str(source)


def credit_campaigns(sums_by_campaign, shares):
    """{model: {campaign id as text: Credit}}; `sums_by_campaign` is {campaign: (leads, converted, cents)} by card."""
    once = defaultdict(Credit)
    for campaign, sums in sums_by_campaign.items():
        once[str(campaign)].add(*map(float, sums))
    for _source, campaign, *worth in shares.cards:
        if campaign:
            once[str(campaign)].take_off(*worth)
    found = {}
    for model in Model:
        shared = defaultdict(Credit)
        for campaign, credit in once.items():
            shared[campaign].add(credit.leads, credit.converted, credit.cents)
        for _source, campaign, *worth in shares.touches[model]:
            if campaign:
                shared[str(campaign)].add(*worth)
        found[model] = _some(shared)
    return found


def _some(credits):
    return {place: credit for place, credit in credits.items() if credit.leads > NEXT_TO_NOTHING}
