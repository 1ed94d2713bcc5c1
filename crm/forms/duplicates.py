import django_filters
from django.utils.translation import gettext_lazy as _

from clinics.same_person.words import REASONS
from crm.models import DuplicatePair


class DuplicateFilter(django_filters.FilterSet):
    """Which pairs are shown: by what was decided, how sure it is, and what speaks for it."""

    status = django_filters.ChoiceFilter(label=_("State"), choices=DuplicatePair.Status, method="in_state")
    verdict = django_filters.ChoiceFilter(label=_("How sure"), choices=DuplicatePair.Verdict)
    reason = django_filters.ChoiceFilter(label=_("Because"), choices=list(REASONS.items()), method="because_of")

    class Meta:
        model = DuplicatePair
        fields = []

    def in_state(self, pairs, name, status):
        return pairs.open() if status == DuplicatePair.Status.OPEN else pairs.filter(status=status)

    def because_of(self, pairs, name, reason):
        return pairs.with_reason(reason)
