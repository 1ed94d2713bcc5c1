from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinics.chart_marks import Bar, Legend
from clinics.charts import stacked_bars
from clinics.templatetags.ui import money
from crm.figures.picture import Picture
from crm.figures.sheets import Column, Sheet, units


def draw_late(reading):
    """What the leads of each month had brought when the month was closed, and what has come since."""
    title, months = _("What has come in since each month was closed?"), reading.late
    rows = [
        (
            date_format(each.month, "YEAR_MONTH_FORMAT"),
            (
                Bar(_("when it was closed"), max(each.collected_then, 0) / 100, series="muted"),
                Bar(_("since then"), max(each.late_cents, 0) / 100, series="1"),
            ),
        )
        for each in months
    ]
    columns = (
        Column(_("Month"), "text"),
        Column(_("Closed on"), "text", is_aside=True),
        Column(_("Leads then"), is_aside=True),
        Column(_("Leads now"), is_aside=True),
        Column(_("Started then")),
        Column(_("Started now")),
        Column(_("Spent then"), "money", is_aside=True),
        Column(_("Spent now"), "money", is_aside=True),
        Column(_("Collected then"), "money"),
        Column(_("Collected now"), "money"),
        Column(_("Came in since"), "money"),
    )
    table = tuple(
        (
            date_format(each.month, "YEAR_MONTH_FORMAT"),
            date_format(each.closed_on, "SHORT_DATE_FORMAT"),
            each.leads_then,
            each.leads,
            each.converted_then,
            each.converted,
            each.cost_then,
            each.cost,
            each.collected_then,
            each.collected,
            each.late_cents,
        )
        for each in months
    )
    answer = ""
    if months:
        most = max(months, key=lambda each: each.late_cents)
        if most.late_cents > 0:
            words = _(
                "The leads of %(month)s have brought %(money)s and %(n)s more starts since that month was closed."
            )
            answer = words % {
                "month": date_format(most.month, "YEAR_MONTH_FORMAT"),
                "money": money(most.late_cents),
                "n": most.late_starts,
            }
    return Picture(
        "late",
        title,
        answer,
        stacked_bars(rows, title=title, write=units, width=1060),
        Sheet(columns, table),
        legend=(Legend(_("when it was closed"), "muted"), Legend(_("since then"), "1")),
        foot=_("By the month of the first inquiry, of the whole clinic. A month is closed on the night after its end."),
        explains=("late", "collected"),
    )
