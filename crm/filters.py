"""What the board and the list of leads can be narrowed to; the address holds all of it, and so does a saved view."""

import json
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

import django_filters
from django.db.models import CharField, F, IntegerField, Q, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Trim
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_filters.widgets import DateRangeWidget

from clinics.filter_fields import FlagFilter, SeveralFilter
from clinics.models import Clinic, ClinicUser, ListLayout, Location, SavedView, Tag
from clinics.questions import Question
from crm.asked_questions import choices_of, having_answered, questions_in
from crm.list_columns import with_answers
from crm.models import Lead, LeadForm, LeadSource, LeadStatus, LeadTally, PipelineStage, TaskTemplate
from crm.models.choices import interests_offered

ME, NOBODY = "me", "nobody"
GROUPS = frozenset({"stage", "colleague", "source", "location"})  # the choices that the list can be sorted by
# The filters that ask of a lead no more than its tally knows.
TALLIED = frozenset({"coordinator", "stage", "status", "source", "location"})


class LeadFilter(django_filters.FilterSet):
    """What the board and the list have in common: who, what and where from, since when, and what is left undone."""

    q = django_filters.CharFilter(label=_("Find a name, phone or e-mail"), method="by_text")
    coordinator = SeveralFilter(label=_("Coordinator"), method="by_coordinator")
    stage = SeveralFilter(label=_("Stage"), method="by_stage")
    status = SeveralFilter(label=_("Status"), method="by_status")
    source = SeveralFilter(label=_("Source"), method="by_source")
    tag = SeveralFilter(label=_("Tag"), method="by_tag")
    interest = SeveralFilter(label=_("Interest"), method="by_interest")
    location = SeveralFilter(label=_("Location"), method="by_location")
    answer = SeveralFilter(label=_("Answer"), method="by_answer")
    created = django_filters.DateFromToRangeFilter(
        label=_("First asked"), field_name="captured_at", widget=DateRangeWidget(attrs={"type": "date"})
    )
    stuck = FlagFilter(label=_("Too long in its stage"), method="by_stuck")
    overdue = FlagFilter(label=_("Overdue task"), method="by_overdue")
    no_next_step = FlagFilter(label=_("No next step"), method="by_no_next_step")
    unread = FlagFilter(label=_("Unread message"), method="by_unread")

    class Meta:
        model = Lead
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.choices = choices = filter_choices(self.request.member)
        # Cards name their coordinator and source by these: two joins less.
        self.names = {row.pk: row.label for rows in choices.values() for row in rows}
        self.days_at_most = {row.pk: row.days for row in choices["stage"] if row.days}
        offered = {name: [(row.pk, row.label) for row in rows] for name, rows in choices.items()}
        offered["coordinator"] = [(ME, _("Me")), *offered["coordinator"], (NOBODY, _("Nobody yet"))]
        offered["interest"], offered["status"] = interests_offered(self.request.clinic), LeadStatus.choices
        offered["answer"] = choices_of(self.questions)
        for name, each in self.filters.items():
            if isinstance(each, SeveralFilter):
                each.extra["choices"] = offered[name]
        if not choices["unread"] and not self.data.get("unread"):
            del self.filters["unread"]
        if not self.questions and not self.data.get("answer"):
            del self.filters["answer"]

    @cached_property
    def questions(self):
        """The questions of the clinic's own that were asked of leads."""
        if not self.request.clinic.asks_full_names:
            return {}
        return questions_in(json.loads(form.label) for form in self.choices["question"])

    @property
    def layout(self):
        """The list of leads as the member has arranged it, read with the choices."""
        kept, catalogue = self.choices["layout"], with_answers(self.questions)
        return catalogue.arranged(json.loads(kept[0].label), kept[0].place) if kept else catalogue.arranged()

    def ids_in_order(self, column):
        """The ids of what that column of the list groups leads by, in its order; None for a column that does not."""
        kind = {"coordinator": "colleague"}.get(column, column)
        return [UUID(choice.pk) for choice in self.choices[kind]] if kind in GROUPS else None

    @property
    def is_narrowed(self):
        """Whether any filter is on."""
        return any(self.form.data.get(key) for key in self.keys)

    @cached_property
    def keys(self):
        """The names that filters have in an address: a range has two."""
        widgets = {name: field.widget for name, field in self.form.fields.items()}
        suffixes = {name: getattr(widget, "suffixes", [""]) for name, widget in widgets.items()}
        return [f"{name}_{suffix}" if suffix else name for name in widgets for suffix in suffixes[name]]

    @property
    def complaints(self):
        """What is wrong with the values that were asked for: {name of the filter: words}."""
        self.form.is_valid()
        wrong = {name: str(words[0]) for name, words in self.form.errors.items()}
        for name, field in self.form.fields.items():
            if unknown := getattr(field, "unknown", []):
                wrong[name] = field.error_messages["invalid_choice"] % {"value": unknown[0]}
        return wrong

    @property
    def is_understood(self):
        """Whether every value was known: what acts on all that match must not take more than was asked for."""
        return not self.complaints

    def leads(self):
        """The leads that pass the filters. Archived ones only where a status asks for them."""
        return self.narrow(Lead.objects.present() if self._asks_status else Lead.objects.on_board())

    def tallies(self):
        """The tallies of the same leads, exact; None where a filter asks for more than they know."""
        if not self.is_tallied:
            return None
        return self.narrow(LeadTally.objects.all() if self._asks_status else LeadTally.objects.on_board())

    def count(self):
        """How many leads pass the filters."""
        tallies = self.tallies()
        return (self.leads() if tallies is None else tallies).total()

    def figures_of_board(self):
        """What counts and sums the leads of the filtered board: their tallies, or else the leads themselves."""
        return self.narrow(LeadTally.objects.on_board() if self.is_tallied else Lead.objects.on_board())

    @cached_property
    def is_tallied(self):
        """Whether the tallies know all that the filters ask for."""
        self.form.is_valid()
        return all(name in TALLIED or not value for name, value in self.form.cleaned_data.items())

    @property
    def _asks_status(self):
        self.form.is_valid()
        return bool(self.form.cleaned_data.get("status"))

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
        return leads.found_by(value)

    def by_coordinator(self, leads, _name, value):
        return leads.filter(self.owner_condition)

    @property
    def owners(self):
        """Whose leads are asked for: the ids of members, and whether those of nobody, too."""
        self.form.is_valid()
        chosen = self.form.cleaned_data.get("coordinator") or ()
        members = [self.request.member.pk if value == ME else value for value in chosen if value != NOBODY]
        return members, NOBODY in chosen

    @property
    def owner_condition(self):
        """What the coordinator filter asks of a lead, or None while it is off."""
        members, nobody = self.owners
        wanted = Q(assigned_to=members[0]) if len(members) == 1 else Q(assigned_to__in=members)
        if nobody:
            wanted = wanted | Q(assigned_to=None) if members else Q(assigned_to=None)
        return wanted if members or nobody else None

    def by_stage(self, leads, _name, value):
        return leads.in_stages(value)

    def by_status(self, leads, _name, value):
        return leads.filter(status__in=value)

    def by_source(self, leads, _name, value):
        return leads.from_source(*value)

    def by_tag(self, leads, _name, value):
        return leads.tagged(*value)

    def by_interest(self, leads, _name, value):
        return leads.interested_in(*value)

    def by_location(self, leads, _name, value):
        return leads.at_location(*value)

    def by_answer(self, leads, _name, value):
        return having_answered(leads, self.questions, value)

    def by_stuck(self, leads, _name, value):
        return leads.stuck(self.days_at_most) if value else leads

    def by_overdue(self, leads, _name, value):
        return leads.with_overdue_task() if value else leads

    def by_no_next_step(self, leads, _name, value):
        return leads.without_next_step() if value else leads

    def by_unread(self, leads, _name, value):
        return leads.unread() if value else leads


@dataclass(frozen=True)
class Asking:
    """Who narrows leads down where no request is at hand: all that a LeadFilter wants to know of one."""

    clinic: Clinic
    member: ClinicUser


def filter_of(query, member):
    """The filter that a query string stands for, as `member` would see it."""
    return LeadFilter(QueryDict(query), request=Asking(member.clinic, member))


@dataclass(frozen=True)
class Choice:
    """Something to filter by; of a stage also its kind, and for how many `days` a lead may stay in it, 0 for ever."""

    pk: str
    label: str
    place: int
    days: int
    kind: str


def filter_choices(member):
    """Whom and what leads can be filtered by, in one query: {name of the filter: [Choice]}."""
    choices = {kind: [] for kind in KINDS}
    for kind, pk, *rest in CHOICES.rows(member=member.pk):
        choices[kind].append(Choice(str(pk), *rest))
    for kind, rows in choices.items():
        rows.sort(key=lambda choice: (choice.place, choice.pk if kind == "question" else choice.label.casefold()))
    return choices


KINDS = "coordinator", "colleague", "source", "tag", "location", "template", "stage", "unread", "question", "layout"


def _choices(member):
    """The same as rows of (name of the filter, ...).

    "colleague" names everybody, those included who left or changed their role and still have leads; "template" the
    tasks that can be set; "unread" holds something as soon as anybody has written and was not read; "question" the
    fields of the forms that ask something of the clinic's own; "layout" how `member` has arranged the list of leads,
    its columns as the label, its rows a page as the place.
    """
    full_name = Trim(Concat("user__first_name", Value(" "), "user__last_name"))
    person = Coalesce(NullIf(full_name, Value("")), "user__email", output_field=CharField())
    nothing, no_kind = Value(0, output_field=IntegerField()), Value("", output_field=CharField())
    plain = (nothing, nothing, no_kind)
    days = Coalesce("max_days_in_stage", 0, output_field=IntegerField())
    layout = ListLayout.objects.filter(member=member, layout=SavedView.Layout.LIST)
    parts = [
        ("coordinator", ClinicUser.objects.coordinators(), person, *plain),
        ("colleague", ClinicUser.objects.all(), person, *plain),
        ("source", LeadSource.objects.all(), F("name"), *plain),
        ("tag", Tag.objects.all(), F("name"), *plain),
        ("location", Location.objects.all(), F("name"), *plain),
        ("template", TaskTemplate.objects.filter(is_active=True), F("title"), *plain),
        ("stage", PipelineStage.objects.all(), F("name"), F("order"), days, F("kind")),
        ("unread", Lead.objects.unread(), no_kind, *plain),
        ("question", LeadForm.objects.with_own_questions(), Cast("fields", CharField()), *plain),
        ("layout", layout, Cast("columns", CharField()), F("size"), nothing, no_kind),
    ]
    at_most = {"unread": 1}
    first, *others = [
        rows.order_by().values_list(Value(kind, output_field=CharField()), "pk", *columns)[: at_most.get(kind)]
        for kind, rows, *columns in parts
    ]
    return first.union(*others, all=True)


CHOICES = Question(_choices)
