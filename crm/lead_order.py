"""The order of the list of leads: any column, cut at any depth along an index.

A column whose order stands elsewhere (stage, coordinator, source) is taken group by group: the sizes of the groups are
those of the tallies, and only the groups that the page touches are read. Of a column that may be empty (value, e-mail,
next step) those with something in it are read first, and how many they are is asked only where they end.
"""

from functools import cached_property

from django.db.models import Case, Exists, F, Min, OuterRef, Q, Value, When

from clinics.models import ClinicUser, Location
from crm.models import LeadSource, LeadStatus, LeadTask, LostReason, PipelineStage

DEFAULT_SORT = "-captured"
NEWEST_IN_STAGE, NEWEST = ("-stage_entered_at", "-pk"), ("-captured_at", "-pk")
PLAIN = {"name": "name_key", "since": "stage_entered_at", "captured": "captured_at"}
# Columns that may be empty: the field, and the condition of the leads that have something in it.
SPARSE = {
    "value": ("expected_value_cents", Q(expected_value_cents__isnull=False)),
    "email": ("email_norm", Q(email_norm__gt="")),
    "phone": ("phone_e164", Q(phone_e164__gt="")),
}
GROUPED = {
    "stage": ("stage", NEWEST_IN_STAGE, lambda: _ids(PipelineStage.objects.in_order())),
    "coordinator": ("assigned_to", NEWEST, lambda: _ids(ClinicUser.objects.order_by("user__first_name", "pk"))),
    "source": ("source", NEWEST, lambda: _ids(LeadSource.objects.order_by("name"))),
    "location": ("location", NEWEST, lambda: _ids(Location.objects.order_by("name"))),
    "status": ("status", NEWEST, lambda: list(LeadStatus)),
    "lost_reason": ("lost_reason", NEWEST, lambda: list(LostReason)),
}
SORTS = [*PLAIN, *SPARSE, *GROUPED, "next"]


def _ids(rows):
    return list(rows.values_list("pk", flat=True))


def sort_asked(query):
    """The sort that an address asks for, or the usual one: newest first."""
    wanted = query.get("sort", "")
    return wanted if wanted.removeprefix("-") in SORTS else DEFAULT_SORT


def in_order(leads, sort, *, tallies=None, groups=None):
    """The ids of `leads` in the order of a column ("name", or "-name" for the other way), to be counted and sliced.

    `tallies` are those of the same leads, where they are known: then nothing is counted. `groups` are the ids of what
    the column groups by, in order, where they are at hand: then nobody asks for them.
    """
    column = sort.removeprefix("-")
    kind = LeadsByNextStep if column == "next" else GroupedLeads if column in GROUPED else OrderedLeads
    return (LeadsWithSomething if column in SPARSE else kind)(leads, sort, tallies, groups)


class OrderedLeads:
    """Leads in the order of a column that none of them lacks."""

    def __init__(self, leads, sort, tallies=None, known_groups=None):
        self.leads, self.known_groups = leads.order_by(), known_groups
        self.counted = self.leads if tallies is None else tallies
        self.column, self.down = sort.removeprefix("-"), sort.startswith("-")

    def count(self):
        return self.total

    @cached_property
    def total(self):
        return self.counted.total()

    def __getitem__(self, span):
        start, stop = span.start, min(span.stop, self.total)
        return self.read(start, stop) if start < stop else []

    def read(self, start, stop):
        """The ids from one place up to another."""
        return list(self.sorted_by(self.leads, PLAIN[self.column])[start:stop])

    def sorted_by(self, leads, field):
        by = [F(field).desc(), "-pk"] if self.down else [F(field).asc(), "pk"]
        return leads.order_by(*by).values_list("pk", flat=True)


class LeadsWithSomething(OrderedLeads):
    """Leads with something in the column, in its order; those without come last, either way."""

    def read(self, start, stop):
        ids = list(self.first[start:stop])
        if len(ids) < stop - start:  # only here it matters how many come first
            number = start + len(ids) if ids else self.first.count()
            ids += self.others[max(0, start - number) : stop - number]
        return ids

    @property
    def first(self):
        field, known = SPARSE[self.column]
        return self.sorted_by(self.leads.filter(known), field)

    @property
    def others(self):
        _field, known = SPARSE[self.column]
        return self.leads.filter(~known).order_by("-pk" if self.down else "pk").values_list("pk", flat=True)


class LeadsByNextStep(LeadsWithSomething):
    """What is due first stands on top (or last); leads for whom nothing is planned follow, the newest first."""

    @property
    def first(self):
        steps = LeadTask.objects.open().filter(lead__in=self.leads.values("pk")).order_by().values("lead_id")
        due = F("due").desc() if self.down else F("due").asc()
        return steps.annotate(due=Min("due_at")).order_by(due, "lead_id").values_list("lead_id", flat=True)

    @property
    def others(self):
        planned = Exists(LeadTask.objects.open().filter(lead=OuterRef("pk")))
        return self.leads.filter(~planned).order_by(*NEWEST).values_list("pk", flat=True)


class GroupedLeads(OrderedLeads):
    """Leads group by group, those of no group last; only the groups that a page touches are read."""

    @cached_property
    def total(self):
        return sum(number for _condition, number in self.groups)

    @cached_property
    def groups(self):
        """(condition, number of leads) of each group, in order."""
        field, _inner, values = GROUPED[self.column]
        numbers = (self.leads if field == "lost_reason" else self.counted).count_by(field)
        known = self.known_groups or values()
        known = [*(reversed(known) if self.down else known), "" if field == "lost_reason" else None]
        return [(Q(**{field: value}), numbers[value]) for value in known if value in numbers]

    def read(self, start, stop):
        touched, before = [], 0
        for condition, number in self.groups:
            if before < stop and before + number > start:
                touched.append(condition)
            if before + number <= start:
                start, stop = start - number, stop - number
            else:
                before += number
        leads, inner = self.leads.filter(_any_of(touched)), GROUPED[self.column][1]
        if len(touched) > 1:
            inner = (Case(*[When(group, then=Value(place)) for place, group in enumerate(touched)]), *inner)
        return list(leads.order_by(*inner).values_list("pk", flat=True)[start:stop])


def _any_of(conditions):
    whole = conditions[0]
    for condition in conditions[1:]:
        whole |= condition
    return whole
