"""What became of the leads of each month, kept by the database itself so that no report has to count them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicModel, ScopedManager
from clinics.models.base import clinic_index


class LeadMonthQuerySet(models.QuerySet):
    """Asked in the words of crm.models.lead_queries, so that a filter of leads narrows months, too."""

    def between(self, first, last):
        """The months from that of `first` on to that of `last`."""
        return self.filter(month__gte=first.replace(day=1), month__lte=last)

    def from_source(self, *sources):
        return self.filter(source__in=sources)

    def at_location(self, *locations):
        return self.filter(location__in=locations)


class LeadMonth(ClinicModel):
    """A number of present leads that first asked in one month, in the clinic's zone, and share all of this; added up.

    Triggers of crm_lead add a row for each group that a statement changes, as they do for LeadTally: positive or
    negative, in its transaction. `crm.tallies` adds them together now and then.
    """

    month = models.DateField()
    source = models.UUIDField()
    location = models.UUIDField(null=True)
    assigned_to = models.UUIDField(null=True)
    stage = models.UUIDField()
    status = models.CharField(max_length=10)
    lost_reason = models.CharField(max_length=20, blank=True, default="")
    lost_from = models.UUIDField(null=True)
    count = models.BigIntegerField()
    cents = models.BigIntegerField()
    contacted = models.BigIntegerField()
    convert_seconds = models.BigIntegerField()  # of the converted ones, from the first inquiry on

    objects = ScopedManager.of(LeadMonthQuerySet)

    class Meta:
        verbose_name = _("month of leads")
        verbose_name_plural = _("months of leads")
        indexes = [clinic_index("month", name="lead_month_by_month")]
