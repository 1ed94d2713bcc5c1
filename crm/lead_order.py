"""The order of the list of leads: any column, cut at any depth along an index.

A column whose order stands elsewhere (stage, coordinator, source, next step) or may be empty (value, e-mail) is taken
group by group: the groups are counted once, and only those that the page touches are read.
"""

from functools import cached_property

from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, Value, When

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
    "stage": ("stage_id", NEWEST_IN_STAGE, lambda: _ids(PipelineStage.objects.in_order())),
    "coordinator": ("assigned_to_id", NEWEST, lambda: _ids(ClinicUser.objects.order_by("user__first_name", "pk"))),
    "source": ("source_id", NEWEST, lambda: _ids(LeadSource.objects.order_by("name"))),
    "location": ("location_id", NEWEST, lambda: _ids(Location.objects.order_by("name"))),
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


def in_order(leads, sort):
    """The ids of `leads` in the order of a column ("name", or "-name" for the other way), to be counted and sliced."""
    return LeadsByNextStep(leads, sort) if sort.removeprefix("-") == "next" else OrderedLeads(leads, sort)


class OrderedLeads:
    """Leads without a value in the column come last, either way."""

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
        if self.column in SPARSE:
            _field, known = SPARSE[self.column]
            figures = self.leads.aggregate(known=Count("clinic", filter=known), all=Count("clinic"))
            return [(known, figures["known"]), (~known, figures["all"] - figures["known"])]
        field, _inner, values = GROUPED[self.column]
        numbers = dict(self.leads.values_list(field).annotate(number=Count("clinic")))
        known = values()
        known = [*(reversed(known) if self.down else known), "" if field == "lost_reason" else None]
        return [(Q(**{field: value}), numbers[value]) for value in known if value in numbers]

    def _inner_order(self):
        if self.column in GROUPED:
            return GROUPED[self.column][1]
        field = F(SPARSE[self.column][0] if self.column in SPARSE else PLAIN[self.column])
        return [field.desc(), "-pk"] if self.down else [field.asc(), "pk"]


class LeadsByNextStep(OrderedLeads):
    """What is due first stands on top (or last); leads for whom nothing is planned follow, the newest first."""

    @cached_property
    def groups(self):
        planned = Exists(LeadTask.objects.open().filter(lead=OuterRef("pk")))
        number, everybody = self.leads.filter(planned).values("pk").count(), self.leads.values("pk").count()
        return [(planned, number), (~planned, everybody - number)]

    def __getitem__(self, span):
        (_planned, number), (unplanned, _rest) = self.groups
        start, stop = span.start, min(span.stop, self.count())
        steps = LeadTask.objects.open().filter(lead__in=self.leads.values("pk")).order_by().values("lead_id")
        due = F("due").desc() if self.down else F("due").asc()
        steps = steps.annotate(due=Min("due_at")).order_by(due, "lead_id").values_list("lead_id", flat=True)
        ids = list(steps[start : min(stop, number)]) if start < number else []
        if stop > number:
            others = self.leads.filter(unplanned).order_by(*NEWEST).values_list("pk", flat=True)
            ids += others[max(0, start - number) : stop - number]
        return ids


def _any_of(conditions):
    whole = conditions[0]
    for condition in conditions[1:]:
        whole |= condition
    return whole
