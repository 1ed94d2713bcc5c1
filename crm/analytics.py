"""What became of the leads of a period: how far they came, where from, through whose hands, and why some were lost.

Every figure is about one cohort: the leads that first asked within the period, in the clinic's days, whatever happened
to them since. A figure of last month may therefore still rise. Deleted leads are left out, archived ones counted.

Each function may be given the `cells` of the period (crm.figures.cells), so that a page with many tables counts once.
"""

from dataclasses import dataclass

from clinics.models import ClinicUser
from crm.figures.catching_up import catch_up
from crm.figures.cells import read_cells, sum_by, sum_of
from crm.figures.cohort import Period
from crm.figures.revenue import read_revenue
from crm.figures.spending import read_costs
from crm.figures.times import median_minutes, read_waits
from crm.models import LeadSource, LeadStatus, LostReason, PipelineStage

STAGES = ("stage", "status", "lost_from")  # the columns of the cells of a funnel
__all__ = ["Period", "read_coordinators", "read_funnel", "read_lost_reasons", "read_sources"]


def ratio(part, whole):
    """A share from 0 to 1, or None of nothing."""
    return part / whole if whole else None


def each(cents, count):
    """What one of `count` comes to, or None where that is not known."""
    return round(cents / count) if cents is not None and count else None


@dataclass(frozen=True)
class FunnelStep:
    """One stage: how many of the cohort came as far, stand here now, and were lost from here."""

    stage: PipelineStage
    reached: int
    now: int
    lost_here: int
    share_of_all: float | None
    share_of_previous: float | None


@dataclass(frozen=True)
class Funnel:
    """How far the cohort came. `conversion_rate` is converted of all; days are from first asking to converting."""

    leads: int
    open: int
    converted: int
    lost: int
    archived: int
    conversion_rate: float | None
    average_days_to_convert: float | None
    steps: list


def read_funnel(period, cells=None):
    """The Funnel of a period, in a few queries whatever its size.

    A lead has reached a stage if it stands there or further on; skipped stages count as reached. A lost lead counts as
    far as the stage from which it was lost; one that came in lost counts for the first stage alone.
    """
    cells = read_cells(period, STAGES) if cells is None else cells
    path = [stage for stage in PipelineStage.objects.in_order() if stage.kind != PipelineStage.Kind.LOST]
    place = {stage.pk: index for index, stage in enumerate(path)}
    now, lost_here = [0] * len(path), [0] * len(path)
    for cell in cells:
        if cell.stage in place:
            now[place[cell.stage]] += cell.count
        elif path:
            lost_here[place.get(cell.lost_from, 0)] += cell.count
    total = sum_of(cells)
    steps, previous = [], None
    for index, stage in enumerate(path):
        reached = sum(now[index:]) + sum(lost_here[index:])
        shares = ratio(reached, total.leads), ratio(reached, previous) if previous is not None else None
        steps.append(FunnelStep(stage, reached, now[index], lost_here[index], *shares))
        previous = reached
    return Funnel(
        leads=total.leads,
        open=total.open,
        converted=total.converted,
        lost=total.lost,
        archived=sum(cell.count for cell in cells if cell.status == LeadStatus.ARCHIVED),
        conversion_rate=total.conversion_rate,
        average_days_to_convert=total.average_days_to_convert,
        steps=steps,
    )


@dataclass(frozen=True)
class SourceFigures:
    """One source: its cost is None where nobody has said one; `return_on_spend` is what came back beyond the cost."""

    source: LeadSource
    leads: int
    open: int
    converted: int
    lost: int
    share: float | None
    conversion_rate: float | None
    won_cents: int
    cost_cents: int | None
    cost_per_lead_cents: int | None
    cost_per_acquisition_cents: int | None
    average_days_to_convert: float | None
    collected_cents: int
    return_on_spend: float | None


def read_sources(period, cells=None, costs=None, revenue=None):
    """The figures of every source with leads in the period or a cost, those with the most leads first."""
    cells = read_cells(period) if cells is None else cells
    costs = read_costs(period) if costs is None else costs
    if revenue is None:
        catch_up()
        revenue = read_revenue(period)
    rows, collected = sum_by(cells, "source"), revenue.by("source")
    total, found = sum_of(cells).leads, []
    for source in LeadSource.objects.all():
        sums, cost = rows.get(source.pk), costs.of(source.pk)
        if sums is None and not cost:
            continue
        sums = sums or sum_of(())
        cents = collected.get(source.pk, 0)
        found.append(
            SourceFigures(
                source,
                **{name: getattr(sums, name) for name in ("leads", "open", "converted", "lost", "won_cents")},
                share=ratio(sums.leads, total),
                conversion_rate=sums.conversion_rate,
                cost_cents=cost,
                cost_per_lead_cents=each(cost, sums.leads),
                cost_per_acquisition_cents=each(cost, sums.converted),
                average_days_to_convert=sums.average_days_to_convert,
                collected_cents=cents,
                return_on_spend=return_on(cents, cost),
            )
        )
    return sorted(found, key=lambda figures: (-figures.leads, figures.source.name.casefold()))


def return_on(collected_cents, cost_cents):
    """What came back for each unit spent, beyond that unit: 3.0 is four times the money; None without a cost."""
    return (collected_cents - cost_cents) / cost_cents if cost_cents else None


@dataclass(frozen=True)
class CoordinatorFigures:
    """One coordinator, None for leads that nobody has. Leads count for whoever has them now."""

    member: ClinicUser | None
    leads: int
    open: int
    contacted: int
    converted: int
    lost: int
    conversion_rate: float | None
    won_cents: int
    median_minutes_to_contact: float | None
    average_days_to_convert: float | None


def read_coordinators(period, cells=None):
    """The figures of everybody who has leads of the period, those who converted the most first.

    Contacted is a lead that somebody called, wrote to or met; the minutes run from when it first asked, day and night.
    """
    catch_up()
    rows = sum_by(read_cells(period) if cells is None else cells, "assigned_to")
    waited = median_minutes(read_waits(period))
    members = {member.pk: member for member in ClinicUser.objects.filter(pk__in=list(rows)).select_related("user")}
    found = [
        CoordinatorFigures(
            members.get(pk),
            **{name: getattr(sums, name) for name in ("leads", "open", "contacted", "converted", "lost", "won_cents")},
            conversion_rate=sums.conversion_rate,
            median_minutes_to_contact=waited.get(pk),
            average_days_to_convert=sums.average_days_to_convert,
        )
        for pk, sums in rows.items()
    ]
    return sorted(found, key=lambda figures: (-figures.converted, -figures.leads, str(figures.member or "")))


@dataclass(frozen=True)
class LostFigures:
    """One reason for which leads of the cohort are lost now, and what they would have been worth."""

    reason: LostReason
    leads: int
    share: float
    lost_cents: int


def read_lost_reasons(period, cells=None):
    """The reasons of the period's lost leads, the most frequent first."""
    cells = read_cells(period) if cells is None else cells
    rows = sum_by((cell for cell in cells if cell.status == LeadStatus.LOST), "lost_reason")
    total = sum(sums.lost for sums in rows.values())
    found = [
        LostFigures(LostReason(name), sums.lost, sums.lost / total, sums.lost_cents) for name, sums in rows.items()
    ]
    return sorted(found, key=lambda figures: (-figures.leads, figures.reason))
