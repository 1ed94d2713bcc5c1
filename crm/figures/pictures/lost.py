from django.utils.translation import gettext as _

from clinics.chart_marks import Bar
from clinics.chart_scales import fit
from clinics.charts import bars, heat_map
from clinics.templatetags.ui import count, money, percent
from crm.figures.cells import sum_by
from crm.figures.picture import Picture
from crm.figures.sheets import Column, Sheet, whole
from crm.models import LostReason

FIELD = 64
IN_A_LETTER = 5  # reasons


def draw_reasons(reading):
    """Why leads of the cohort are lost, and what they would have been worth."""
    rows, title = reading.lost_reasons, _("Why do we lose people?")
    before = {}
    if reading.compared:
        before = {row.reason: row.leads for row in reading.compared.lost_reasons}
    marks = [
        Bar(str(row.reason.label), row.leads, note=money(row.lost_cents), series="1" if number == 0 else "muted")
        for number, row in enumerate(rows)
    ]
    columns = (
        Column(_("Reason"), "text"),
        Column(_("Leads")),
        Column(_("Share"), "share"),
        Column(_("Leads before"), is_aside=True),
        Column(_("Expected value"), "money"),
    )
    compared = reading.compared is not None
    table = tuple(
        (str(row.reason.label), row.leads, row.share, before.get(row.reason, 0) if compared else None, row.lost_cents)
        for row in rows
    )
    foot = _("%(lost)s lost of %(all)s. The reason is asked for at the moment of the loss. On the right: their value.")
    answer = ""
    if rows:
        answer = _("%(reason)s: %(share)s of the losses.") % {
            "reason": rows[0].reason.label,
            "share": percent(rows[0].share),
        }
    return Picture(
        "lost",
        title,
        answer,
        bars(marks, title=title, write=whole),
        Sheet(columns, table),
        foot=foot % {"lost": count(reading.total.lost), "all": count(reading.total.leads)},
        explains=("lost_reasons",),
    )


def draw_by_source(reading):
    """Reasons across sources."""
    names = {source.pk: source.name for source in reading.sources.values()}
    return _map(reading, "source", names, "lost-by-source", _("Which source loses people for what?"), _("Source"))


def draw_by_coordinator(reading):
    """Reasons across coordinators."""
    question = _("Who loses people for what?")
    return _map(reading, "assigned_to", reading.names, "lost-by-coordinator", question, _("Coordinator"))


def draw_by_stage(reading):
    """Reasons across the stages from which leads were lost."""
    names = {stage.pk: stage.name for stage in reading.stages}
    question = _("Where on the way do we lose people for what?")
    return _map(reading, "lost_from", names | {None: _("Came in lost")}, "lost-by-stage", question, _("Stage"))


def _map(reading, field, names, key, question, heading):
    cells = reading.lost_cells_of_people if field == "assigned_to" else reading.lost_cells
    sums = sum_by(cells, field, "lost_reason")
    totals = {value: sums.lost for value, sums in sum_by(cells, field).items()}
    order = {value: place for place, value in enumerate(names)}
    by_size = field != "lost_from"
    rows = sorted(totals, key=lambda value: -totals[value] if by_size else order.get(value, len(order)))
    reasons = [row.reason for row in reading.lost_reasons]
    grid = [[sums[row, reason].lost if (row, reason) in sums else 0 for reason in reasons] for row in rows]
    labels = [str(names.get(row, _("Unknown"))) for row in rows]
    plot = heat_map(labels, [fit(str(reason.label), FIELD) for reason in reasons], grid, title=question, write=whole)
    columns = (
        Column(heading, "text"),
        *(Column(str(LostReason(reason).label), is_aside=place >= IN_A_LETTER) for place, reason in enumerate(reasons)),
        Column(_("All")),
    )
    table = tuple((label, *counts, sum(counts)) for label, counts in zip(labels, grid, strict=True))
    return Picture(key, question, "", plot, Sheet(columns, table), explains=("lost_reasons",))
