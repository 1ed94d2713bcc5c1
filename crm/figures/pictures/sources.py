from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.chart_marks import Bar, Legend
from clinics.charts import bars, stacked_bars
from clinics.templatetags.ui import count, money, percent
from crm.analytics import each, ratio, return_on
from crm.attribution import Model
from crm.figures.campaigns import read_campaigns
from crm.figures.credit import UNKNOWN
from crm.figures.picture import Picture
from crm.figures.sheets import Column, Sheet, units, whole
from crm.models import KpiKind

PER_PATIENT, COLLECTED = 7, 8  # their places in a row of sources
# Key figure events beside a campaign, in the order in which they happen.
EVENTS = {
    KpiKind.AD_CLICK: gettext_lazy("Clicks"),
    KpiKind.CONSULT_BOOKED: gettext_lazy("Booked"),
    KpiKind.CONSULT_SHOW: gettext_lazy("Came"),
    KpiKind.INVOICE_PAID: gettext_lazy("Invoices paid"),
}


def draw_sources(reading):
    """What a new patient costs and brings, by source, in the credit of the model that was asked for."""
    credit, title = reading.credit[reading.model], _("What does a new patient cost, by source?")
    rows = sorted((_row(reading, source, part) for source, part in credit.items()), key=_order)
    missing = [
        _row(reading, str(figures.source.pk), None)
        for figures in reading.source_figures
        if str(figures.source.pk) not in credit and figures.cost_cents and not figures.source.is_unknown
    ]
    rows += sorted(missing, key=_order)
    total = reading.total
    sheet = Sheet(
        (
            Column(_("Source"), "text"),
            Column(_("Kind"), "text", is_aside=True),
            Column(_("Leads"), "decimal"),
            Column(_("Started"), "decimal"),
            Column(_("Rate"), "share", is_aside=True),
            Column(_("Spent"), "money"),
            Column(_("Per lead"), "money"),
            Column(_("Per patient"), "money"),
            Column(_("Collected"), "money"),
            Column(_("Return"), "return"),
        ),
        tuple(rows),
        (
            _("All"),
            "",
            total.leads,
            total.converted,
            total.conversion_rate,
            reading.costs.total,
            reading.cost_per_lead_cents,
            reading.cost_per_acquisition_cents,
            reading.revenue.total,
            reading.return_on_spend,
        ),
    )
    shown = [
        Bar(row[0], (row[COLLECTED] or 0) / 100, note=money(row[PER_PATIENT] and round(row[PER_PATIENT])))
        for row in rows
    ]
    plot = bars(shown, title=title, write=units)
    words = _("%(share)s of the leads have no known source. Their share is shown, never spread over the others.")
    return Picture(
        "sources",
        title,
        _in_words(rows),
        plot,
        sheet,
        foot=words % {"share": percent(reading.unknown_share, 1)},
        explains=("cost_per_lead", "cost_per_acquisition", "collected", "return", "unknown", "attribution"),
    )


def _in_words(rows):
    """By which source a new patient costs the least, of those that cost something and brought somebody."""
    priced = [row for row in rows if row[PER_PATIENT]]
    if not priced:
        return ""
    least, most = (choose(priced, key=lambda row: row[PER_PATIENT]) for choose in (min, max))
    facts = {"least": least[0], "cents": money(round(least[PER_PATIENT]))}
    if least is most:
        return _("A new patient by %(least)s costs %(cents)s.") % facts
    words = _("A new patient costs the least by %(least)s (%(cents)s), the most by %(most)s (%(more)s).")
    return words % (facts | {"most": most[0], "more": money(round(most[PER_PATIENT]))})


def _row(reading, source_id, credit):
    source = reading.sources.get(source_id) if source_id is not UNKNOWN else None
    cost = reading.costs.of(source.pk) if source else None
    leads, converted = (credit.leads, credit.converted) if credit else (0, 0)
    cents = round(credit.cents) if credit else 0
    return (
        source.name if source else _("Unknown"),
        str(source.get_category_display()) if source else _("nobody asked"),
        round(leads, 2),
        round(converted, 2),
        ratio(converted, leads),
        cost,
        each(cost, leads),
        each(cost, converted) if converted > 1e-9 else None,
        cents,
        return_on(cents, cost),
    )


def _order(row):
    return row[0] == _("Unknown"), -row[COLLECTED], -row[2], row[0].casefold()


def draw_mix(reading):
    """Which share of the leads came from where, by the source on their cards."""
    title, rows = _("Where do leads come from?"), [row for row in reading.source_figures if row.leads]
    before = {}
    if reading.compared:
        before = {row.source.pk: row.share for row in reading.compared.source_figures}
    marks = [
        Bar(row.source.name, row.leads, note=percent(row.share), series="hatch" if row.source.is_unknown else "1")
        for row in rows
    ]
    columns = (
        Column(_("Source"), "text"),
        Column(_("Kind"), "text", is_aside=True),
        Column(_("Leads")),
        Column(_("Share"), "share"),
        Column(_("Share before"), "share"),
        Column(_("Converted"), "share"),
        Column(_("Lost")),
    )
    table = tuple(
        (
            row.source.name,
            str(row.source.get_category_display()),
            row.leads,
            row.share,
            before.get(row.source.pk),
            row.conversion_rate,
            row.lost,
        )
        for row in rows
    )
    answer = ""
    if rows:
        best = max(rows, key=lambda row: row.leads)
        answer = _("Most come by %(source)s: %(share)s.") % {"source": best.source.name, "share": percent(best.share)}
    plot = bars(marks, title=title, write=whole)
    return Picture("mix", title, answer, plot, Sheet(columns, table), explains=("source_mix",))


def draw_attribution(reading):
    """The same new patients in the credit of each of the five models, side by side."""
    title, models = _("Who gets the credit?"), list(Model)
    places = sorted(
        {place for model in models for place in reading.credit[model]},
        key=lambda place: (place is UNKNOWN, -_converted(reading, reading.model, place)),
    )
    rows = [(_name(reading, place), *(_converted(reading, model, place) for model in models)) for place in places]
    columns = (Column(_("Source"), "text"), *(Column(str(model.label), "decimal") for model in models))
    cents = [Column(_("Collected: %(model)s") % {"model": model.label}, "money", is_aside=True) for model in models]
    table = tuple(
        (*row, *(_cents(reading, model, place) for model in models)) for row, place in zip(rows, places, strict=True)
    )
    stacks = [
        (str(model.label), [_part(reading, model, place, number) for number, place in enumerate(places)])
        for model in models
    ]
    again = reading.shares.number
    answer = _("%(n)s of %(all)s leads had more than one touch: only they are told apart by the models.")
    legend = tuple(Legend(_name(reading, place), _series(number)) for number, place in enumerate(places[:4]) if place)
    if len(places) > 4:
        legend += (Legend(_("all others"), "muted"),)
    if UNKNOWN in places:
        legend += (Legend(_("Unknown"), "axis", "hatch"),)
    return Picture(
        "attribution",
        title,
        answer % {"n": count(again), "all": count(reading.total.leads)},
        stacked_bars(stacks, title=title, write=whole),
        Sheet((*columns, *cents), table),
        legend=legend,
        foot=_("New patients of the cohort. Each model shares the same patients in another way."),
        explains=("attribution", "first_touch", "last_touch", "linear", "position", "decay", "unknown"),
    )


def _series(number):
    return str(number + 1) if number < 4 else "muted"


def _part(reading, model, place, number):
    series = "hatch" if place is UNKNOWN else _series(number)
    return Bar(_name(reading, place), _converted(reading, model, place), series=series)


def _name(reading, place):
    return reading.sources[place].name if place in reading.sources else _("Unknown")


def _converted(reading, model, place):
    credit = reading.credit[model].get(place)
    return round(credit.converted, 2) if credit else 0


def _cents(reading, model, place):
    credit = reading.credit[model].get(place)
    return round(credit.cents) if credit else 0


def draw_campaigns(reading):
    """Ad campaigns: budget, spend, events and what came of them, in the credit of the model that was asked for."""
    title, rows = _("Which campaign brings patients?"), read_campaigns(reading)
    columns = (
        Column(_("Campaign"), "text"),
        Column(_("Platform"), "text", is_aside=True),
        Column(_("Budget"), "money", is_aside=True),
        Column(_("Spent"), "money"),
        *(Column(str(label), is_aside=True) for label in EVENTS.values()),
        Column(_("Invoiced"), "money", is_aside=True),
        Column(_("Leads"), "decimal"),
        Column(_("Started"), "decimal"),
        Column(_("Rate"), "share", is_aside=True),
        Column(_("Per lead"), "money", is_aside=True),
        Column(_("Per patient"), "money"),
        Column(_("Collected"), "money"),
        Column(_("Return"), "return"),
    )
    marks = [Bar(row.campaign.name, row.cents / 100, note=percent(row.rate)) for row in rows]
    table = tuple(
        (
            row.campaign.name,
            row.campaign.platform,
            row.budget_cents,
            row.spent_cents,
            *(row.events.get(kind) for kind in EVENTS),
            row.invoiced_cents,
            row.leads,
            row.converted,
            row.rate,
            each(row.spent_cents, row.leads),
            each(row.spent_cents, row.converted),
            row.cents,
            return_on(row.cents, row.spent_cents),
        )
        for row in rows
    )
    plot = bars(marks, title=title, write=units, width=1060)
    foot = _("Bars: collected. On the right: which share of its leads became patients.")
    return Picture("campaigns", title, "", plot, Sheet(columns, table), foot=foot, explains=("attribution", "events"))
