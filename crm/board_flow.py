"""The flow between two days: from which stage to which the leads went, how many and worth how much."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.chart_scales import fit
from clinics.charts import Column as TableColumn
from clinics.charts import Figure, Table, heat_map
from clinics.templatetags.ui import count as write_count
from clinics.templatetags.ui import money
from crm.board_past import end_of
from crm.models import Lead, PipelineStage
from crm.past_filters import asked_of_past
from crm.rewinding import read_past

FLOWS = """
    SELECT CASE WHEN was.is_shown THEN was.stage END, CASE WHEN p.is_shown THEN p.stage END,
        count(*), sum(p.cents)::bigint
    FROM past1 was JOIN past2 p ON p.id = was.id WHERE (was.is_shown OR p.is_shown) AND {condition} GROUP BY 1, 2
"""
FIELD = 100  # how wide a label over a field of the map may be


@dataclass(frozen=True)
class Flow:
    """Leads that stood in one place on the first day and in another on the last; None is off the board."""

    start: PipelineStage | None
    end: PipelineStage | None
    count: int
    cents: int  # what they were worth on the last day

    @property
    def has_moved(self):
        return self.start != self.end

    @property
    def start_name(self):
        return self.start.name if self.start else _("Not on the board yet")

    @property
    def end_name(self):
        return self.end.name if self.end else _("Off the board")


def flows_between(first, last, lead_filter):
    """Every flow from the end of one day to that of another, in the order of the stages; standing still too.

    The filters ask of the last day.
    """
    stages = {stage.pk: stage for stage in PipelineStage.objects.in_order()}
    places = {pk: number for number, pk in enumerate([None, *stages])}
    asked = asked_of_past(lead_filter, Lead.objects.filter(captured_at__lt=end_of(last)), moment=2)
    moments = [end_of(first), end_of(last)]
    rows = read_past(asked.leads, moments, FLOWS.format(condition=asked.condition), asked.facts)
    flows = [Flow(stages.get(start), stages.get(end), count, cents or 0) for start, end, count, cents in rows]
    return sorted(flows, key=lambda flow: (_number(places, flow.start), _number(places, flow.end)))


def figure_of(flows, first, last, *, csv_url):
    """The flows as a map of fields, from above to the side, with the table that it is drawn from."""
    starts = list(dict.fromkeys(flow.start_name for flow in flows))
    stages = {flow.end_name: flow.end.order if flow.end else 1 << 15 for flow in flows}
    ends = sorted(stages, key=stages.get)
    # Who stood still would outshine everybody who moved: the map leaves them out, the table does not.
    counts = {(flow.start_name, flow.end_name): flow.count for flow in flows if flow.has_moved}
    title = _("Where the leads of %(first)s stood on %(last)s") % {"first": first, "last": last}
    grid = [[counts.get((start, end), 0) for end in ends] for start in starts]
    moved = [flow for flow in flows if flow.has_moved and flow.start]
    number = sum(flow.count for flow in moved)
    answer = ngettext("%(count)s lead moved, worth %(sum)s.", "%(count)s leads moved, worth %(sum)s.", number)
    answer = answer % {"count": write_count(number), "sum": money(sum(flow.cents for flow in moved))}
    if first == last:
        answer = _("Both days are the same, so nobody has moved between them. Choose an earlier first day.")
    return Figure(
        key="flow",
        question=title,
        answer=answer,
        plot=heat_map(starts, [fit(end, FIELD) for end in ends], grid, title=title, write=write_count, width=1060),
        table=Table(tuple(header()), tuple(rows_of(flows))),
        csv_url=csv_url,
    )


def header():
    """The columns of the table and of its file."""
    return [TableColumn(_("From")), TableColumn(_("To")), TableColumn(_("Leads"), True), TableColumn(_("Value"), True)]


def rows_of(flows):
    """The rows of the table, written as people read them."""
    return [(flow.start_name, flow.end_name, write_count(flow.count), money(flow.cents)) for flow in flows]


def _number(places, stage):
    return places[stage.pk if stage else None]
