from datetime import datetime, time, timedelta

import django_filters
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from clinics.audit_reading import kinds
from clinics.models import AuditLog, ClinicUser, WebhookConnection, WebhookLog


def what_choices():
    """The known events; a word that two actions share stands once and means both."""
    return sorted((action, capfirst(str(words))) for action, words in import_string(settings.EVENTS).items())


class Days:
    """Narrows a list of what happened to some days of the clinic."""

    def from_day(self, rows, name, day):
        return rows.filter(created_at__gte=start_of(day))

    def until_day(self, rows, name, day):
        return rows.filter(created_at__lt=start_of(day + timedelta(days=1)))


class AuditFilter(Days, django_filters.FilterSet):
    """Who did what, to which row, when."""

    who = django_filters.ModelChoiceFilter(
        label=_("Who"), field_name="actor", queryset=lambda request: ClinicUser.objects.for_list()
    )
    what = django_filters.ChoiceFilter(label=_("What"), field_name="action", choices=what_choices)
    kind = django_filters.ChoiceFilter(label=_("About"), field_name="resource_type", choices=kinds)
    row = django_filters.UUIDFilter(label=_("Id of the row"), field_name="resource_id")
    since = django_filters.DateFilter(label=_("From"), method="from_day")
    until = django_filters.DateFilter(label=_("Until"), method="until_day")

    class Meta:
        model = AuditLog
        fields = []


class WebhookFilter(Days, django_filters.FilterSet):
    """What came in: from which service, and what became of it."""

    status = django_filters.ChoiceFilter(label=_("State"), choices=WebhookLog.Status)
    service = django_filters.ModelChoiceFilter(
        label=_("Service"), field_name="connection", queryset=lambda request: WebhookConnection.objects.for_list()
    )
    event = django_filters.CharFilter(label=_("Event"), field_name="event_type")
    since = django_filters.DateFilter(label=_("From"), method="from_day")
    until = django_filters.DateFilter(label=_("Until"), method="until_day")

    class Meta:
        model = WebhookLog
        fields = []


def start_of(day):
    """Midnight in the clinic's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
