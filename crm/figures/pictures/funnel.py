from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.chart_marks import Bar
from clinics.charts import funnel as funnel_plot
from clinics.templatetags.ui import count, percent
from crm.figures.picture import Picture
from crm.figures.reading import PERIOD
from crm.figures.sheets import Column, Sheet, whole

LEAKS = 2


def draw_funnel(reading):
    """Where leads leave on the way: of the cohort, or what happened within the period."""
    if reading.view == PERIOD:
        return _draw_flow(reading)
    steps, stays = reading.funnel.steps, {stay.stage.pk: stay.spread for stay in reading.stays}
    leaks = _leaks([(step.stage.name, step.share_of_previous) for step in steps])
    title = _("Where do leads leave us?")
    bars = [
        Bar(step.stage.name, step.reached, note=_note(step.stage.name, step.share_of_previous, leaks)) for step in steps
    ]
    columns = (
        Column(_("Stage"), "text"),
        Column(_("Reached")),
        Column(_("Of the one above"), "share"),
        Column(_("Of all"), "share", is_aside=True),
        Column(_("Here now")),
        Column(_("Lost from here")),
        Column(_("Half stay at most"), "days"),
    )
    rows = tuple(
        (
            step.stage.name,
            step.reached,
            step.share_of_previous,
            step.share_of_all,
            step.now,
            step.lost_here,
            stays[step.stage.pk].p50 if stays.get(step.stage.pk) else None,
        )
        for step in steps
    )
    foot = _("First asked from %(since)s to %(until)s, followed to today. On the right: the share of the stage above.")
    still = ngettext("%(n)s is still open.", "%(n)s are still open.", reading.funnel.open)
    return Picture(
        "funnel",
        title,
        _in_words(leaks),
        funnel_plot(bars, title=title, write=whole),
        Sheet(columns, rows),
        foot=f"{foot % span_of(reading.period)} {still % {'n': count(reading.funnel.open)}}",
        explains=("total_leads", "reached", "stage_conversion", "conversion_rate"),
    )


def _draw_flow(reading):
    title = _("What moved in these days?")
    steps = reading.flow
    leaks = _leaks([(step.stage.name, step.share_of_previous) for step in steps])
    bars = [
        Bar(step.stage.name, step.entered, note=_note(step.stage.name, step.share_of_previous, leaks)) for step in steps
    ]
    columns = (
        Column(_("Stage"), "text"),
        Column(_("Came in")),
        Column(_("Of the one above"), "share"),
        Column(_("Lost from here")),
    )
    rows = tuple((step.stage.name, step.entered, step.share_of_previous, step.lost_from) for step in steps)
    foot = _("Moves from %(since)s to %(until)s, of whichever leads: a stage and the one above hold different people.")
    return Picture(
        "funnel",
        title,
        _in_words(leaks),
        funnel_plot(bars, title=title, write=whole),
        Sheet(columns, rows),
        foot=foot % span_of(reading.period),
        explains=("period_view",),
    )


def span_of(period):
    return {"since": date_format(period.since), "until": date_format(period.until)}


def _leaks(shares):
    """The stages into which the smallest share of leads goes on, the narrowest first; a share of 95% is no leak."""
    known = [(name, share) for name, share in shares if share is not None and share < 0.95]
    return sorted(known, key=lambda pair: pair[1])[:LEAKS]


def _note(name, share, leaks):
    if share is None:
        return ""
    return f"{percent(share)} ▾" if any(name == leak for leak, _share in leaks) else percent(share)


def _in_words(leaks):
    named = [f"{name} ({percent(share)})" for name, share in leaks]
    if not named:
        return ""
    if len(named) == 1:
        return _("Most are lost on the way to %(stage)s.") % {"stage": named[0]}
    return _("Two leaks: on the way to %(first)s, and to %(second)s.") % {"first": named[0], "second": named[1]}
