from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinics.chart_boxes import Box, boxes
from clinics.chart_marks import Bar, Legend
from clinics.charts import columns as columns_plot
from clinics.templatetags.ui import money
from crm.figures.picture import Picture
from crm.figures.sheets import Column, Sheet, days, whole
from crm.figures.times import WEEKS


def draw_stays(reading):
    """How long leads stay in each stage: the middle half, eight in ten, and what the stage allows."""
    title, stays = _("How long do they wait, and where?"), reading.stays
    rows = [
        Box(stay.stage.name, _points(stay.spread), stay.stage.max_days_in_stage, note=_note(stay)) for stay in stays
    ]
    columns = (
        Column(_("Stage"), "text"),
        Column(_("Left it")),
        Column(_("Quickest tenth"), "days", is_aside=True),
        Column(_("Quarter"), "days", is_aside=True),
        Column(_("Half"), "days"),
        Column(_("Three quarters"), "days"),
        Column(_("Nine tenths"), "days"),
        Column(_("Limit"), "days"),
    )
    table = tuple(
        (
            stay.stage.name,
            stay.spread.number if stay.spread else 0,
            *(_points(stay.spread) or (None,) * 5),
            stay.stage.max_days_in_stage,
        )
        for stay in stays
    )
    over = [stay for stay in stays if stay.is_over]
    answer = _("In every stage at least half move on within its limit.") if any(stay.spread for stay in stays) else ""
    if over:
        worst = max(over, key=lambda stay: stay.spread.p50 / stay.stage.max_days_in_stage)
        words = _("Half of those in %(stage)s stay longer than %(half)s; your limit is %(limit)s.")
        limit = days(worst.stage.max_days_in_stage)
        answer = words % {"stage": worst.stage.name, "half": days(worst.spread.p50), "limit": limit}
    legend = (
        Legend(_("middle half"), "2"),
        Legend(_("middle half, over the limit"), "1"),
        Legend(_("eight in ten"), "axis", "line"),
        Legend(_("your limit"), "muted", "line"),
    )
    return Picture(
        "stays", title, answer, boxes(rows, title=title, write=days), Sheet(columns, table), legend=legend,
        explains=("time_in_stage",),
    )  # fmt: skip


def _points(spread):
    return (spread.p10, spread.p25, spread.p50, spread.p75, spread.p90) if spread else None


def _note(stay):
    return days(stay.spread.p50) if stay.spread else ""


def draw_time_to_convert(reading):
    """In which week after first asking the cohort's leads became patients."""
    title, (spread, by_week) = _("How long until somebody starts?"), reading.time_to_convert
    last = max(by_week, default=-1)
    rows = [Bar(_week(week), by_week.get(week, 0)) for week in range(last + 1)]
    columns = (Column(_("Week"), "text"), Column(_("Started")))
    table = tuple((_week(week), by_week.get(week, 0)) for week in range(last + 1))
    answer, foot = "", _("Young cohorts look faster than they are: who needs long has not started yet.")
    if spread:
        words = _("Half start within %(half)s, nine of ten within %(most)s; on average %(mean)s.")
        mean = reading.total.average_days_to_convert
        answer = words % {"half": days(spread.p50), "most": days(spread.p90), "mean": days(mean or 0)}
    return Picture(
        "time-to-convert", title, answer, columns_plot(rows, title=title, write=whole, gap=0.1),
        Sheet(columns, table), foot=foot, explains=("time_to_convert",),
    )  # fmt: skip


def _week(week):
    return _("%(n)s on") % {"n": WEEKS + 1} if week == WEEKS else str(week + 1)


def draw_velocity(reading):
    """How fast leads come in and turn into value, month by month."""
    title, months = _("Is it getting faster?"), reading.trend
    growth = [
        (month.leads - before.leads) / before.leads if before is not None and before.leads else None
        for before, month in zip([None, *months], months, strict=False)
    ]
    rows = [
        Bar(date_format(month.first, "M"), None if each is None else each * 100)
        for month, each in zip(months, growth, strict=True)
    ]
    columns = (Column(_("Month"), "text"), Column(_("New leads")), Column(_("Lead velocity"), "return"))
    table = tuple(
        (date_format(month.first, "YEAR_MONTH_FORMAT"), month.leads, each)
        for month, each in zip(months, growth, strict=True)
    )
    answer = ""
    if reading.cents_per_day is not None:
        answer = _("The leads of these days turn into %(money)s of treatment on an average day.") % {
            "money": money(reading.cents_per_day)
        }
    plot = columns_plot(rows[1:], title=title, write=lambda value: f"{round(value)}%")
    foot = _("Columns: new leads against the month before. The last month is not over yet.")
    return Picture("velocity", title, answer, plot, Sheet(columns, table), foot=foot, explains=("velocity",))
