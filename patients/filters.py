from datetime import timedelta

import django_filters
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import Location
from patients.models import ContactPriority, Patient, Provider, RiskLevel, Segment

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


class PatientFilter(django_filters.FilterSet):
    """The patients one is looking for: by words, segment, priority, risk, place, last visit and next appointment."""

    q = django_filters.CharFilter(label=_("Name, phone, e-mail or birth date"), method="by_text")
    segment = django_filters.MultipleChoiceFilter(label=_("Segment"), choices=Segment)
    contact_priority = django_filters.MultipleChoiceFilter(label=_("Contact priority"), choices=ContactPriority)
    churn_risk_level = django_filters.MultipleChoiceFilter(label=_("Risk of leaving"), choices=RiskLevel)
    last_visit = django_filters.ChoiceFilter(label=_("Last visit"), choices=LAST_VISIT, method="by_last_visit")
    next_appointment = django_filters.ChoiceFilter(
        label=_("Next appointment"), choices=NEXT_APPOINTMENT, method="by_next_appointment"
    )
    location = django_filters.ModelChoiceFilter(label=_("Location"), queryset=lambda request: Location.objects.all())
    provider = django_filters.ModelChoiceFilter(
        label=_("Provider"), queryset=lambda request: Provider.objects.in_order()
    )

    class Meta:
        model = Patient
        fields = []

    @property
    def is_narrowed(self):
        """Whether anything is filtered at all: an empty list then means "nobody matches", not "nobody is here"."""
        return any(self.data.get(name) for name in self.filters)

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
