"""Coordinators compared fairly: what they convert with its interval, what their leads promised, their load and speed.

- Expected: what the clinic as a whole converts of leads from the same sources for the same treatments
  (crm.figures.adjusting). Who is given the harder leads is not compared with who is given the easier ones.
- Too few: below FEWEST leads nothing is said about the rate.
"""

from dataclasses import dataclass

from clinics.models import ClinicUser
from crm.analytics import ratio
from crm.figures.adjusting import FEWEST as FEWEST_ALIKE
from crm.figures.adjusting import expected_rates
from crm.figures.cells import sum_by
from crm.figures.intervals import wilson
from crm.figures.lines import read_lines
from crm.figures.times import median_minutes
from crm.models import FigureKind, LeadTally, LeadTask
from crm.models.lead_words import OPEN

FEWEST = 20


@dataclass(frozen=True)
class Person:
    """One coordinator, or None for the leads that nobody has."""

    member: ClinicUser | None
    leads: int
    open: int
    contacted: int
    converted: int
    lost: int
    won_cents: int
    collected_cents: int
    rate: float | None
    low: float | None
    high: float | None
    expected: float | None
    minutes: float | None
    days: float | None

    @property
    def has_enough(self):
        return self.leads >= FEWEST

    @property
    def contacted_share(self):
        return ratio(self.contacted, self.leads)


@dataclass(frozen=True)
class Load:
    """What somebody has to do today: open leads, and tasks that are overdue."""

    open: int
    overdue: int

    def share_of(self, capacity):
        """Open leads as a share of what somebody can take; None where nobody has said how much that is."""
        return ratio(self.open, capacity) if capacity else None


def read_load():
    """{coordinator or None: Load} of now, of those who have anything; three statements."""
    open_leads = LeadTally.objects.filter(status__in=OPEN).count_by("assigned_to")
    overdue = LeadTask.objects.overdue()
    # Deleted leads are few: their tasks are taken off, so that the others need not be asked for their leads.
    counted, gone = overdue.count_by_owner(), overdue.of_deleted_leads().count_by_owner()
    return {
        member: Load(open_leads.get(member, 0), counted.get(member, 0) - gone.get(member, 0))
        for member in {*open_leads, *counted}
    }


def read_expected(period):
    """{coordinator or None: what the clinic converts of such leads as theirs}."""
    group, sums = ("assigned_to", "source", "place"), ("number", "converted")
    return expected_rates(read_lines(period, FigureKind.MIX, group, sums), FEWEST_ALIKE)


def read_people(cells, waits, collected, expected):
    """Everybody who has leads of the cells, the surest conversion first; one statement.

    `waits` is {coordinator: Spans} to the first contact, `collected` {coordinator: cents}, `expected` what
    read_expected found.
    """
    rows = sum_by(cells, "assigned_to")
    members = {member.pk: member for member in ClinicUser.objects.filter(pk__in=list(rows)).select_related("user")}
    minutes = median_minutes(waits)
    people = []
    for pk, sums in rows.items():
        low, high = wilson(sums.converted, sums.leads)
        people.append(
            Person(
                members.get(pk),
                **{
                    name: getattr(sums, name)
                    for name in ("leads", "open", "contacted", "converted", "lost", "won_cents")
                },
                collected_cents=collected.get(pk, 0),
                rate=sums.conversion_rate,
                low=low,
                high=high,
                expected=expected.get(pk),
                minutes=minutes.get(pk),
                days=sums.average_days_to_convert,
            )
        )
    return sorted(people, key=lambda each: (each.member is None, not each.has_enough, -(each.low or 0), -each.leads))


def differ(people):
    """Whether any two of those with enough leads have intervals that do not meet."""
    sure = [person for person in people if person.member and person.has_enough]
    return any(one.low > other.high for one in sure for other in sure)
