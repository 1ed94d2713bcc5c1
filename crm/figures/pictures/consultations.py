from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinics.chart_marks import Bar, Legend
from clinics.charts import bars, stacked_bars
from clinics.templatetags.ui import count, percent
from crm.figures.consultations import stages_of_consultation
from crm.figures.picture import Picture
from crm.figures.sheets import Column, Sheet, whole


def draw_shows(reading):
    """Who came to the consultations of each month, and who did not."""
    title, found = _("Who comes to the consultation?"), reading.consultations
    months = sorted(found.by_month)
    answer = ""
    if found.total.due:
        words = _("%(share)s came: %(came)s of %(due)s.")
        total = found.total
        answer = words % {"share": percent(total.show_rate), "came": count(total.came), "due": count(total.due)}
    rows = [(date_format(month, "YEAR_MONTH_FORMAT"), found.by_month[month]) for month in months]
    return Picture(
        "shows",
        title,
        answer,
        stacked_bars([_stack(label, shows) for label, shows in rows], title=title, write=whole),
        _sheet(_("Month"), rows, found.total),
        legend=_legend(),
        foot=_("Consultations of leads whose time lay within these days."),
        explains=("show_rate",),
    )


def draw_shows_by_coordinator(reading):
    """The same by the coordinator of the lead."""
    title, found = _("Whose consultations take place?"), reading.consultations
    rows = [(reading.names.get(member, _("Nobody")), shows) for member, shows in found.by_member.items()]
    rows.sort(key=lambda row: -row[1].due)
    plot = stacked_bars([_stack(label, shows) for label, shows in rows], title=title, write=whole)
    sheet = _sheet(_("Coordinator"), rows, found.total)
    return Picture("shows-by-coordinator", title, "", plot, sheet, legend=_legend(), explains=("show_rate",))


def draw_acceptance(reading):
    """Who of those that came accepted the treatment, by the stages of the cohort."""
    title, found = _("Who accepts the treatment?"), reading.acceptance
    columns = (Column(_("Stage"), "text"), Column(_("Leads")), Column(_("Share"), "share"))
    if found is None:
        foot = _("Your pipeline has no stage between the appointment and the start that tells who came.")
        return Picture(
            "acceptance", title, "", bars([], title=title), Sheet(columns, ()), foot=foot, explains=("acceptance_rate",)
        )
    accepted, came = found
    came_stage, accepted_stage = stages_of_consultation(reading.stages)
    share = accepted / came if came else None
    rows = [Bar(came_stage.name, came), Bar(accepted_stage.name, accepted, note=percent(share))]
    table = ((came_stage.name, came, None), (accepted_stage.name, accepted, share))
    words = _("%(share)s of those who came accepted: %(accepted)s of %(came)s.")
    answer = words % {"share": percent(share), "accepted": count(accepted), "came": count(came)} if came else ""
    return Picture(
        "acceptance",
        title,
        answer,
        bars(rows if came else [], title=title, write=whole),
        Sheet(columns, table),
        foot=_("Leads that first asked in these days; some of them still think about it."),
        explains=("acceptance_rate",),
    )


def _stack(label, shows):
    parts = (
        Bar(_("came"), shows.came, series="1"),
        Bar(_("missed"), shows.missed, series="3"),
        Bar(_("called off or moved"), shows.called_off, series="muted"),
    )
    return label, parts


def _legend():
    return (Legend(_("came"), "1"), Legend(_("missed"), "3"), Legend(_("called off or moved"), "muted"))


def _sheet(heading, rows, total):
    columns = (
        Column(heading, "text"),
        Column(_("Came")),
        Column(_("Missed")),
        Column(_("Show rate"), "share"),
        Column(_("Called off or moved")),
        Column(_("Not closed yet")),
    )
    table = tuple(_line(label, shows) for label, shows in rows)
    return Sheet(columns, table, _line(_("All"), total) if rows else ())


def _line(label, shows):
    return label, shows.came, shows.missed, shows.show_rate, shows.called_off, shows.open
