"""The order of the list of leads: any column, cut at any depth along an index.

A column whose order stands elsewhere (stage, coordinator, source) or may be empty (value) is taken group by group: the
groups are counted once, and only those that the page touches are read.
"""

from functools import cached_property

from django.db.models import Case, Count, F, Q, Value, When

from clinics.models import ClinicUser
from crm.models import LeadSource, PipelineStage

DEFAULT_SORT = "-captured"
NEWEST_IN_STAGE, NEWEST = ("-stage_entered_at", "-pk"), ("-captured_at", "-pk")
PLAIN = {"name": "name_key", "since": "stage_entered_at", "captured": "captured_at"}
GROUPED = {
    "stage": ("stage_id", NEWEST_IN_STAGE, lambda: PipelineStage.objects.in_order()),
    "coordinator": ("assigned_to_id", NEWEST, lambda: ClinicUser.objects.order_by("user__first_name", "pk")),
    "source": ("source_id", NEWEST, lambda: LeadSource.objects.order_by("name")),
}
SORTS = ["name", "stage", "coordinator", "source", "value", "since", "captured"]


def sort_asked(query):
    """The sort that an address asks for, or the usual one: newest first."""
    wanted = query.get("sort", "")
    return wanted if wanted.removeprefix("-") in SORTS else DEFAULT_SORT


class OrderedLeads:
    """The ids of `leads` in the order of a column ("name", or "-name" for the other way), to be counted and sliced.

    Leads without a value in the column come last, either way.
    """

    def __init__(self, leads, sort):
        self.leads = leads.order_by()
        self.column, self.down = sort.removeprefix("-"), sort.startswith("-")

    def count(self):
        return sum(number for _condition, number in self.groups)

    def __getitem__(self, span):
        start, stop, touched, before = span.start, min(span.stop, self.count()), [], 0
        for condition, number in self.groups:
            if before < stop and before + number > start:
                touched.append(condition)
            if before + number <= start:
                start, stop = start - number, stop - number
            else:
                before += number
        if not touched:
            return []
        return list(self.read(touched).values_list("pk", flat=True)[start:stop])

    def read(self, groups):
        """The leads of some groups, in order."""
        leads = self.leads.filter(_any_of(groups))
        inner = self._inner_order()
        if len(groups) == 1:
            return leads.order_by(*inner)
        places = Case(*[When(group, then=Value(place)) for place, group in enumerate(groups)])
        return leads.order_by(places, *inner)

    @cached_property
    def groups(self):
        """(condition, number of leads) of each group, in order, in one or two queries."""
        if self.column in PLAIN:
            return [(Q(), self.leads.values("pk").count())]
        if self.column == "value":
            figures = self.leads.aggregate(valued=Count("expected_value_cents"), all=Count("*"))
            valued = figures["valued"]
            known = Q(expected_value_cents__isnull=False)
            return [(known, valued), (~known, figures["all"] - valued)]
        field, _inner, rows = GROUPED[self.column]
        numbers = dict(self.leads.values_list(field).annotate(number=Count("*")))
        ids = list(rows().values_list("pk", flat=True))
        ids = [*(reversed(ids) if self.down else ids), None]
        return [(Q(**{field: pk}), numbers[pk]) for pk in ids if pk in numbers]

    def _inner_order(self):
        if self.column in GROUPED:
            return GROUPED[self.column][1]
        field = F("expected_value_cents" if self.column == "value" else PLAIN[self.column])
        return [field.desc(), "-pk"] if self.down else [field.asc(), "pk"]


def _any_of(conditions):
    whole = conditions[0]
    for condition in conditions[1:]:
        whole |= condition
    return whole
