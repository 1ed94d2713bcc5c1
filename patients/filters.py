import json
from dataclasses import dataclass
from datetime import timedelta

import django_filters
from django.db.models import CharField, F, IntegerField, Value
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.filter_fields import FlagFilter, SeveralFilter
from clinics.models import Clinic, ClinicUser, ListLayout, Location, SavedView, Tag
from clinics.questions import Question
from clinics.same_person.words import REASONS
from patients.list_columns import PATIENTS
from patients.models import Channel, ContactPriority, Patient, PatientPair, Provider, Purpose, RiskLevel, Segment

LAST_VISIT = [
    ("30", _("within 30 days")),
    ("90", _("within 90 days")),
    ("90+", _("more than 90 days ago")),
    ("180+", _("more than 180 days ago")),
    ("365+", _("more than a year ago")),
    ("never", _("never")),
]
NEXT_APPOINTMENT = [
    ("booked", _("booked")),
    ("7", _("within 7 days")),
    ("30", _("within 30 days")),
    ("none", _("not booked")),
]
# What somebody said about offers and news, by channel: agreed, said no, was never asked.
CONSENT = [
    (f"{channel.value}:{answer}", f"{channel.label}: {words}")
    for channel in (Channel.SMS, Channel.WHATSAPP, Channel.EMAIL, Channel.VOICE)
    for answer, words in (("yes", _("agrees to news")), ("no", _("no news")), ("open", _("was not asked")))
]


class PatientFilter(django_filters.FilterSet):
    """The patients one is looking for: by words, segment, priority, risk, place, dates, tags and consent."""

    q = django_filters.CharFilter(label=_("Name, phone, e-mail or birth date"), method="by_text")
    segment = SeveralFilter(label=_("Segment"))
    contact_priority = SeveralFilter(label=_("Contact priority"))
    churn_risk_level = SeveralFilter(label=_("Risk of leaving"))
    last_visit = django_filters.ChoiceFilter(label=_("Last visit"), choices=LAST_VISIT, method="by_last_visit")
    next_appointment = django_filters.ChoiceFilter(
        label=_("Next appointment"), choices=NEXT_APPOINTMENT, method="by_next_appointment"
    )
    location = SeveralFilter(label=_("Location"), method="by_location")
    provider = SeveralFilter(label=_("Provider"), method="by_provider")
    tag = SeveralFilter(label=_("Tag"), method="by_tag")
    consent = django_filters.ChoiceFilter(label=_("Consent"), choices=CONSENT, method="by_consent")
    due = FlagFilter(label=_("Due again, not booked"), method="by_due")
    silent = FlagFilter(label=_("Do not contact"), method="by_silent")

    class Meta:
        model = Patient
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.choices = choices = {kind: [] for kind in KINDS}
        for kind, *choice in CHOICES.rows(member=self.request.member.pk):
            choices[kind].append(choice)
        self.offered = {
            "segment": Segment.choices,
            "contact_priority": ContactPriority.choices,
            "churn_risk_level": RiskLevel.choices,
        }
        for name in ("location", "provider", "tag"):
            named = sorted(choices[name], key=lambda choice: (choice[1].casefold(), choice[0]))
            self.offered[name] = [(str(pk), words) for pk, words, _size in named]
        for name, choices in self.offered.items():
            self.filters[name].extra["choices"] = choices

    @property
    def layout(self):
        """The list of patients as the member has arranged it, read with the choices."""
        for _pk, columns, size in self.choices["layout"]:
            return PATIENTS.arranged(json.loads(columns), size)
        return PATIENTS.arranged()

    @property
    def is_narrowed(self):
        """Whether anything is filtered at all: an empty list then means "nobody matches", not "nobody is here"."""
        return any(self.data.get(name) for name in self.filters)

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

    def filter_queryset(self, queryset):
        """Narrow by the values that are known; one that nobody knows any more does not filter."""
        self.form.is_valid()
        for name, value in self.form.cleaned_data.items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset

    @property
    def qs(self):
        self.form.is_valid()
        return self.filter_queryset(self.queryset.all())

    def by_text(self, patients, name, value):
        return patients.found_by(value)

    def by_last_visit(self, patients, name, value):
        now = timezone.now()
        if value == "never":
            return patients.filter(last_visit_at=None)
        moment = now - timedelta(days=int(value.removesuffix("+")))
        is_before = value.endswith("+")
        return patients.filter(**{f"last_visit_at__{'lt' if is_before else 'gte'}": moment})

    def by_next_appointment(self, patients, name, value):
        now = timezone.now()
        if value == "none":
            return patients.not_booked_after(now)
        return patients.booked_between(now, None if value == "booked" else now + timedelta(days=int(value)))

    def by_location(self, patients, name, value):
        return patients.at_location(*value)

    def by_provider(self, patients, name, value):
        return patients.with_provider(*value)

    def by_tag(self, patients, name, value):
        return patients.tagged(*value)

    def by_consent(self, patients, name, value):
        channel, answer = value.split(":")
        asked = {"yes": patients.agreeing, "no": patients.refusing, "open": patients.not_asked}[answer]
        return asked(channel, Purpose.NEWS)

    def by_due(self, patients, name, value):
        return patients.due_again(timezone.localdate()) if value else patients

    def by_silent(self, patients, name, value):
        return patients.filter(do_not_contact=True) if value else patients


class RecallFilter(PatientFilter):
    """Those who are due again, by who they are: when they come is what the list is about."""

    last_visit = next_appointment = consent = due = silent = None


class PairFilter(django_filters.FilterSet):
    """Which pairs of patients are shown: by what was decided, and what speaks for it."""

    status = django_filters.ChoiceFilter(label=_("State"), choices=PatientPair.Status, method="in_state")
    reason = django_filters.ChoiceFilter(label=_("Because"), choices=list(REASONS.items()), method="because_of")

    class Meta:
        model = PatientPair
        fields = []

    def in_state(self, pairs, name, status):
        return pairs.open() if status == PatientPair.Status.OPEN else pairs.filter(status=status)

    def because_of(self, pairs, name, reason):
        return pairs.filter(reasons__contains=[reason])


@dataclass(frozen=True)
class Asking:
    """Who narrows patients down where no request is at hand."""

    clinic: Clinic
    member: ClinicUser


def filter_of(query, member):
    """The filter that a query string stands for, as `member` would see it."""
    asking = Asking(member.clinic, member)
    return PatientFilter(QueryDict(query), queryset=Patient.objects.present(), request=asking)


KINDS = "location", "provider", "tag", "layout"


def _choices(member):
    """What patients can be filtered by, and how `member` has arranged their list: rows of (kind, id, words, size)."""
    layout = ListLayout.objects.filter(member=member, layout=SavedView.Layout.PATIENTS)
    nothing = Value(0, output_field=IntegerField())
    parts = [
        (Location.objects.all(), F("name"), nothing),
        (Provider.objects.all(), F("name"), nothing),
        (Tag.objects.all(), F("name"), nothing),
        (layout, Cast("columns", CharField()), F("size")),
    ]
    first, *others = [
        rows.order_by().values_list(Value(kind, output_field=CharField()), "pk", words, size)
        for kind, (rows, words, size) in zip(KINDS, parts, strict=True)
    ]
    return first.union(*others, all=True)


CHOICES = Question(_choices)
