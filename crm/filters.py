"""What the board and the list of leads can be narrowed to; the address holds all of it."""

import django_filters
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicUser, Location
from crm.models import Lead, LeadSource, Tag
from crm.models.choices import interests_offered

ME, NOBODY = "me", "nobody"


class LeadFilter(django_filters.FilterSet):
    """Text, coordinator, source, tag, interest and location: what board and list have in common."""

    q = django_filters.CharFilter(label=_("Find a name, phone or e-mail"), method="by_text")
    coordinator = django_filters.ChoiceFilter(label=_("Coordinator"), method="by_coordinator", empty_label=_("Anybody"))
    source = django_filters.ChoiceFilter(label=_("Source"), method="by_source", empty_label=_("Any"))
    tag = django_filters.ChoiceFilter(label=_("Tag"), method="by_tag", empty_label=_("Any"))
    interest = django_filters.ChoiceFilter(label=_("Interest"), method="by_interest", empty_label=_("Any"))
    location = django_filters.ChoiceFilter(label=_("Location"), method="by_location", empty_label=_("Any"))

    class Meta:
        model = Lead
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        choices = filter_choices()
        # Cards name their coordinator and source by these: two joins less.
        self.names = {pk: label for pairs in choices.values() for pk, label in pairs}
        choices.pop("colleague")
        choices["coordinator"] = [(ME, _("Me")), *choices["coordinator"], (NOBODY, _("Nobody yet"))]
        choices["interest"] = interests_offered(self.request.clinic)
        for name, pairs in choices.items():
            self.filters[name].extra["choices"] = pairs

    @property
    def is_narrowed(self):
        """Whether any filter is on."""
        return any(self.form.data.get(name) for name in self.filters)

    def narrow(self, leads, *, but=()):
        """The leads that pass the filters, except the filters named in `but`; a value nobody knows does not filter."""
        self.form.is_valid()
        for name, value in self.form.cleaned_data.items():
            if name not in but:
                leads = self.filters[name].filter(leads, value)
        return leads

    def filter_queryset(self, queryset):
        return self.narrow(queryset)

    def by_text(self, leads, _name, value):
        return leads.matching_text(value)

    def by_coordinator(self, leads, _name, value):
        return leads.filter(self.owner_condition) if value else leads

    @property
    def owner_condition(self):
        """What the coordinator filter asks of a lead, or None while it is off."""
        self.form.is_valid()
        value = self.form.cleaned_data.get("coordinator")
        if not value:
            return None
        return Q(assigned_to={ME: self.request.member.pk, NOBODY: None}.get(value, value))

    def by_source(self, leads, _name, value):
        return leads.from_source(value)

    def by_tag(self, leads, _name, value):
        return leads.tagged(value)

    def by_interest(self, leads, _name, value):
        return leads.interested_in(value)

    def by_location(self, leads, _name, value):
        return leads.at_location(value)


def filter_choices():
    """Whom and what leads can be filtered by, in one query: {name of the filter: [(id, label)]}.

    "colleague" names everybody, those included who left or changed their role and still have leads.
    """
    full_name = Trim(Concat("user__first_name", Value(" "), "user__last_name"))
    person = Coalesce(NullIf(full_name, Value("")), "user__email", output_field=CharField())
    parts = [
        ("coordinator", ClinicUser.objects.coordinators(), person),
        ("colleague", ClinicUser.objects.all(), person),
        ("source", LeadSource.objects.all(), F("name")),
        ("tag", Tag.objects.all(), F("name")),
        ("location", Location.objects.all(), F("name")),
    ]
    first, *others = [
        rows.order_by().values_list(Value(kind, output_field=CharField()), "pk", label) for kind, rows, label in parts
    ]
    choices = {kind: [] for kind, _rows, _label in parts}
    for kind, pk, label in first.union(*others, all=True):
        choices[kind].append((str(pk), label))
    for pairs in choices.values():
        pairs.sort(key=lambda pair: pair[1].casefold())
    return choices
