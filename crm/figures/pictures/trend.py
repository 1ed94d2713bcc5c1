from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinics.chart_marks import Bar, Legend, Line
from clinics.charts import columns as columns_plot
from clinics.charts import lines
from clinics.templatetags.ui import count, percent
from crm.figures.picture import Picture
from crm.figures.sheets import Column, Sheet, units, whole


def _labels(months):
    return [date_format(month.first, "M") for month in months]


def draw_trend(reading):
    """New leads and new patients by the month in which they first asked, beside the year before."""
    title, months = _("Month by month: who came, who stayed?"), reading.trend
    series = [
        Line(tuple(month.leads for month in months), "1"),
        Line(tuple(month.converted for month in months), "2"),
        Line(tuple(month.leads_a_year_before for month in months), "muted"),
    ]
    columns = (
        Column(_("Month"), "text"),
        Column(_("Leads")),
        Column(_("Started")),
        Column(_("Rate"), "share"),
        Column(_("Lost")),
        Column(_("Leads a year before")),
    )
    table = tuple(
        (date_format(m.first, "YEAR_MONTH_FORMAT"), m.leads, m.converted, m.rate, m.lost, m.leads_a_year_before)
        for m in months
    )
    legend = (
        Legend(_("new leads"), "1", "line"),
        Legend(_("of them started"), "2", "line"),
        Legend(_("new leads a year before"), "axis", "line"),
    )
    best = max(months, key=lambda month: month.rate or 0)
    answer = ""
    if best.rate:
        words = _("The best month was %(month)s: %(share)s of its leads started.")
        answer = words % {"month": date_format(best.first, "YEAR_MONTH_FORMAT"), "share": percent(best.rate)}
    plot = lines(_labels(months), series, title=title, write=whole) if any(m.leads for m in months) else _nothing(title)
    foot = _("By the month of the first inquiry. The last months still grow: their leads are on the way.")
    return Picture(
        "trend", title, answer, plot, Sheet(columns, table), legend=legend, foot=foot,
        explains=("total_leads", "conversion_rate"),
    )  # fmt: skip


def draw_monthly_rate(reading):
    """Which share of the leads of each month became patients."""
    title, months = _("Which share becomes patients, month by month?"), reading.trend
    rows = [
        Bar(date_format(month.first, "M"), None if month.rate is None else month.rate * 100, series=_freshness(month))
        for month in months
    ]
    columns = (Column(_("Month"), "text"), Column(_("Leads")), Column(_("Started")), Column(_("Rate"), "share"))
    table = tuple(
        (date_format(month.first, "YEAR_MONTH_FORMAT"), month.leads, month.converted, month.rate) for month in months
    )
    settled = [month for month in months if not month.is_young and month.leads]
    answer = ""
    if settled:
        leads, started = (sum(getattr(month, name) for month in settled) for name in ("leads", "converted"))
        answer = _("%(share)s of the leads of older months: %(started)s of %(leads)s.") % {
            "share": percent(started / leads), "started": count(started), "leads": count(leads),
        }  # fmt: skip
    plot = columns_plot(
        rows if any(m.leads for m in months) else [], title=title, write=lambda value: f"{round(value)}%"
    )
    return Picture(
        "monthly-rate", title, answer, plot, Sheet(columns, table),
        legend=(Legend(_("older months"), "1"), Legend(_("still on the way"), "muted")),
        foot=_("By the month of the first inquiry. Of the last three months many have not decided yet."),
        explains=("conversion_rate",),
    )  # fmt: skip


def _freshness(month):
    return "muted" if month.is_young else "1"


def draw_money(reading):
    """What was spent on the leads of each month, and what their patients have paid up to today."""
    title, months = _("What was spent, what came back?"), reading.trend
    series = [
        Line(tuple(month.collected_cents / 100 for month in months), "1"),
        Line(tuple(month.cost_cents / 100 for month in months), "3"),
    ]
    columns = (
        Column(_("Month"), "text"),
        Column(_("Spent"), "money"),
        Column(_("Collected"), "money"),
        Column(_("Per lead"), "money"),
        Column(_("Per patient"), "money"),
        Column(_("Return"), "return"),
    )
    table = tuple(
        (
            date_format(month.first, "YEAR_MONTH_FORMAT"),
            month.cost_cents,
            month.collected_cents,
            month.cost_cents / month.leads if month.leads and month.cost_cents else None,
            month.cost_cents / month.converted if month.converted and month.cost_cents else None,
            (month.collected_cents - month.cost_cents) / month.cost_cents if month.cost_cents else None,
        )
        for month in months
    )
    legend = (Legend(_("collected"), "1", "line"), Legend(_("spent"), "3", "line"))
    has_any = any(month.collected_cents or month.cost_cents for month in months)
    plot = lines(_labels(months), series, title=title, write=units) if has_any else _nothing(title)
    foot = _("Collected from the patients that the leads of each month became, up to today.")
    return Picture(
        "money", title, "", plot, Sheet(columns, table), legend=legend, foot=foot, explains=("collected", "return"),
    )  # fmt: skip


def _nothing(title):
    return lines([], [], title=title)
