"""How fast new leads are answered: by coordinator, by source, and by the hour at which they asked.

Counted are the leads whose clock was started in the period. *In time* is a first contact of a person at or before the
moment it was due; *late* is one after it, or none although it is over. Those that are not due yet are waiting and count
for nothing. Times are open time of the location; automatic replies are none of it.
"""

from dataclasses import dataclass

from django.db.models import Aggregate, Count, F, Q
from django.db.models.functions import ExtractHour
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import ClinicUser
from crm.analytics import Period, ratio
from crm.figures.cells import read_cells, sum_of
from crm.models import LeadClock, LeadSource

MINUTE = 60


class Median(Aggregate):
    """The value in the middle: a few leads that were called after weeks do not move it."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True)
class Speed:
    """One group: `label` names it, `key` is the id or the hour. Median minutes are those of who was contacted."""

    key: object
    label: str
    leads: int
    in_time: int
    late: int
    waiting: int
    automatic: int
    median_minutes: float | None

    @property
    def share(self):
        """The share of those answered in time among those that were due."""
        return ratio(self.in_time, self.in_time + self.late)


def read_speed(start, end, *, now=None):
    """All the figures of the leads that asked from `start` on and before `end`: (whole, coordinators, sources, hours).

    Four statements and the names. Coordinators and sources with the most leads come first; hours are all twenty-four.
    """
    clocks = LeadClock.objects.started_between(start, end)
    now = now or timezone.now()
    everything = _speed(None, _("All"), clocks.aggregate(**_figures(now)))
    members = {member.pk: member.display_name for member in ClinicUser.objects.select_related("user")}
    sources = dict(LeadSource.objects.values_list("pk", "name"))
    by_member = _grouped(clocks, "member_id", now, lambda key: members.get(key, _("Nobody")))
    by_source = _grouped(clocks, "lead__source_id", now, lambda key: sources.get(key, "—"))
    zone = timezone.get_current_timezone()
    by_hour = _grouped(clocks.annotate(hour=ExtractHour("started_at", tzinfo=zone)), "hour", now, _hour)
    known = {speed.key: speed for speed in by_hour}
    hours = [known.get(hour) or Speed(hour, _hour(hour), 0, 0, 0, 0, 0, None) for hour in range(24)]
    return everything, by_member, by_source, hours


def count_without_clock(first, last, counted):
    """How many leads of the days `first` to `last` are not among the `counted`: imported, or here before the clock."""
    return max(0, sum_of(read_cells(Period(first, last), ("status",))).leads - counted)


def _figures(now):
    on_time = Q(contacted_at__lte=F("due_at"))
    is_over = Q(due_at__lt=now) | Q(contacted_at__isnull=False)
    return {
        "leads": Count("pk"),
        "in_time": Count("pk", filter=on_time),
        "late": Count("pk", filter=is_over & (Q(contacted_at=None) | ~on_time)),
        "waiting": Count("pk", filter=Q(contacted_at=None) & (Q(due_at=None) | Q(due_at__gte=now))),
        "automatic": Count("pk", filter=Q(automatic_at__isnull=False)),
        "median": Median("seconds", filter=Q(seconds__isnull=False)),
    }


def _grouped(clocks, group, now, name):
    rows = clocks.order_by().values(group).annotate(**_figures(now))
    found = [_speed(row[group], name(row[group]), row) for row in rows]
    return sorted(found, key=lambda speed: (-speed.leads, speed.label.casefold()))


def _speed(key, label, row):
    counts = {name: row[name] for name in ("leads", "in_time", "late", "waiting", "automatic")}
    return Speed(key, label, median_minutes=None if row["median"] is None else row["median"] / MINUTE, **counts)


def _hour(hour):
    return f"{hour:02d}:00"
