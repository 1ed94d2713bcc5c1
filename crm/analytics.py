"""What became of the leads of a period: how far they came, where from, through whose hands, and why some were lost.

Every figure is about one cohort: the leads that first asked within the period, in the clinic's days, whatever happened
to them since. A figure of last month may therefore still rise. Deleted leads are left out, archived ones counted.
"""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Aggregate, Avg, Count, F, Q, Sum
from django.utils import timezone

from clinics.models import ClinicUser
from crm.models import Lead, LeadSource, LeadStatus, LostReason, PipelineStage, StageChange
from crm.models.lead_words import OPEN

USUAL_DAYS = 90
WON, LOST = Q(status=LeadStatus.CONVERTED), Q(status=LeadStatus.LOST)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


class Median(Aggregate):
    """The value in the middle: a few leads that were called after weeks do not move it."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True)
class Period:
    """Days from `since` to `until`, both within it, in the time zone at hand."""

    since: date
    until: date

    @classmethod
    def asked(cls, since=None, until=None):
        """The period asked for; the last 90 days up to today, or up to `until`, where nothing is said."""
        until = until or timezone.localdate()
        return cls(since or until - timedelta(days=USUAL_DAYS - 1), until)

    @property
    def start(self):
        return timezone.make_aware(datetime.combine(self.since, time.min))

    @property
    def end(self):
        return timezone.make_aware(datetime.combine(self.until + DAY, time.min))

    @property
    def months(self):
        """How many months that is, part by part: ten days of April are a third of a month."""
        total, day = 0.0, self.since
        while day <= self.until:
            length = calendar.monthrange(day.year, day.month)[1]
            last = min(self.until, day.replace(day=length))
            total += ((last - day).days + 1) / length
            day = last + DAY
        return total

    @property
    def leads(self):
        """The cohort."""
        return Lead.objects.captured_between(self.start, self.end)


def ratio(part, whole):
    """A share from 0 to 1, or None of nothing."""
    return part / whole if whole else None


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


def read_funnel(period):
    """The Funnel of a period, in four queries.

    A lead has reached a stage if it stands there or further on; skipped stages count as reached. A lost lead counts as
    far as the stage from which it was lost; one that came in lost counts for the first stage alone.
    """
    stages = list(PipelineStage.objects.in_order())
    path = [stage for stage in stages if stage.kind != PipelineStage.Kind.LOST]
    place = {stage.pk: index for index, stage in enumerate(path)}
    standing = list(period.leads.order_by().values_list("stage_id", "status").annotate(count=Count("pk")))
    by_status = {}
    for _stage, status, count in standing:
        by_status[status] = by_status.get(status, 0) + count
    now, lost_here = [0] * len(path), [0] * len(path)
    for stage_id, _status, count in standing:
        if stage_id in place:
            now[place[stage_id]] += count
    for stage_id, count in _lost_from(period):
        lost_here[place.get(stage_id, 0)] += count
    total = sum(by_status.values())
    if path:
        lost_here[0] += total - sum(now) - sum(lost_here)

    steps, previous = [], None
    for index, stage in enumerate(path):
        reached = sum(now[index:]) + sum(lost_here[index:])
        shares = ratio(reached, total), ratio(reached, previous) if previous is not None else None
        steps.append(FunnelStep(stage, reached, now[index], lost_here[index], *shares))
        previous = reached
    converted = by_status.get(LeadStatus.CONVERTED, 0)
    took = period.leads.filter(WON).aggregate(days=Avg(F("converted_at") - F("captured_at")))["days"]
    return Funnel(
        leads=total,
        open=sum(by_status.get(status, 0) for status in OPEN),
        converted=converted,
        lost=by_status.get(LeadStatus.LOST, 0),
        archived=by_status.get(LeadStatus.ARCHIVED, 0),
        conversion_rate=ratio(converted, total),
        average_days_to_convert=took and took / DAY,
        steps=steps,
    )


def _lost_from(period):
    """(stage, count) of where the cohort's lost leads stood before they were lost."""
    changes = StageChange.objects.standing().filter(
        to_stage__kind=PipelineStage.Kind.LOST,
        lead__in=period.leads,
        lead__stage=F("to_stage"),
        lead__stage_entered_at=F("changed_at"),
    )
    return changes.order_by().values_list("from_stage_id").annotate(count=Count("pk"))


@dataclass(frozen=True)
class SourceFigures:
    """One source. Its cost is `monthly_cost_cents` for the part of each month within the period; None if not known."""

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


def read_sources(period):
    """The figures of every source with leads in the period or a cost, those with the most leads first; two queries."""
    rows = {row["source_id"]: row for row in _outcomes(period.leads, "source_id")}
    total = sum(row["leads"] for row in rows.values())
    found = []
    for source in LeadSource.objects.all():
        row = rows.get(source.pk)
        if row is None and not (source.is_active and source.monthly_cost_cents):
            continue
        row = row or {"leads": 0, "open": 0, "converted": 0, "lost": 0, "won_cents": None, "took": None}
        cost = None if source.monthly_cost_cents is None else round(source.monthly_cost_cents * period.months)
        found.append(
            SourceFigures(
                source,
                **{name: row[name] for name in ("leads", "open", "converted", "lost")},
                share=ratio(row["leads"], total),
                conversion_rate=ratio(row["converted"], row["leads"]),
                won_cents=row["won_cents"] or 0,
                cost_cents=cost,
                cost_per_lead_cents=_each(cost, row["leads"]),
                cost_per_acquisition_cents=_each(cost, row["converted"]),
                average_days_to_convert=row["took"] and row["took"] / DAY,
            )
        )
    return sorted(found, key=lambda figures: (-figures.leads, figures.source.name.casefold()))


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


def read_coordinators(period):
    """The figures of everybody who has leads of the period, those who converted the most first; two queries.

    Contacted is a lead that somebody called, wrote to or met; the minutes run from when it first asked, day and night.
    """
    waited = Median(F("first_contacted_at") - F("captured_at"), filter=Q(first_contacted_at__isnull=False))
    contacted = Count("pk", filter=Q(first_contacted_at__isnull=False))
    rows = list(_outcomes(period.leads, "assigned_to_id", contacted=contacted, waited=waited))
    ids = [row["assigned_to_id"] for row in rows]
    members = {member.pk: member for member in ClinicUser.objects.filter(pk__in=ids).select_related("user")}
    found = [
        CoordinatorFigures(
            members.get(row["assigned_to_id"]),
            **{name: row[name] for name in ("leads", "open", "contacted", "converted", "lost")},
            conversion_rate=ratio(row["converted"], row["leads"]),
            won_cents=row["won_cents"] or 0,
            median_minutes_to_contact=row["waited"] and row["waited"] / MINUTE,
            average_days_to_convert=row["took"] and row["took"] / DAY,
        )
        for row in rows
    ]
    return sorted(found, key=lambda figures: (-figures.converted, -figures.leads, str(figures.member or "")))


@dataclass(frozen=True)
class LostFigures:
    """One reason for which leads of the cohort are lost now, and what they would have been worth."""

    reason: LostReason
    leads: int
    share: float
    lost_cents: int


def read_lost_reasons(period):
    """The reasons of the period's lost leads, the most frequent first; one query."""
    rows = period.leads.filter(LOST).order_by().values_list("lost_reason")
    rows = list(rows.annotate(leads=Count("pk"), cents=Sum("expected_value_cents")))
    total = sum(leads for _reason, leads, _cents in rows)
    found = [LostFigures(LostReason(reason), leads, leads / total, cents or 0) for reason, leads, cents in rows]
    return sorted(found, key=lambda figures: (-figures.leads, figures.reason))


def _outcomes(leads, group, **more):
    """What became of leads, by `group`."""
    return (
        leads.order_by()
        .values(group)
        .annotate(
            leads=Count("pk"),
            open=Count("pk", filter=Q(status__in=OPEN)),
            converted=Count("pk", filter=WON),
            lost=Count("pk", filter=LOST),
            won_cents=Sum("expected_value_cents", filter=WON),
            took=Avg(F("converted_at") - F("captured_at"), filter=WON),
            **more,
        )
    )


def _each(cents, count):
    return round(cents / count) if cents is not None and count else None
