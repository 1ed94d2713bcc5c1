"""How many leads stand where, kept by the database itself so that no page has to count them."""

from django.db import models
from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicModel, ScopedManager
from clinics.models.base import clinic_index
from crm.models.choices import LeadStatus


class LeadTallyQuerySet(models.QuerySet):
    """Asked in the words of crm.models.lead_queries, so that a filter of leads narrows tallies, too."""

    def on_board(self):
        return self.exclude(status=LeadStatus.ARCHIVED)

    def in_stage(self, stage):
        return self.in_stages([stage])

    def in_stages(self, stages):
        return self.filter(stage__in=[getattr(stage, "pk", stage) for stage in stages])

    def from_source(self, *sources):
        return self.filter(source__in=sources)

    def at_location(self, *locations):
        return self.filter(location__in=locations)

    def totals_by_stage(self):
        """Exact figures of each stage: {stage_id: {"count", "cents"}}."""
        return {row["stage"]: row for row in self.order_by().values("stage").annotate(**self._figures())}

    def totals_by_owner(self):
        """The same for each coordinator: {member_id or None: {stage_id: {"count", "cents"}}}."""
        found = {}
        for row in self.order_by().values("assigned_to", "stage").annotate(**self._figures()):
            if row["count"]:
                found.setdefault(row["assigned_to"], {})[row["stage"]] = row
        return found

    def count_by(self, field):
        """How many leads have each value of a field of the tally: {value: count}, none with 0."""
        rows = self.order_by().values_list(field).annotate(number=Sum("count"))
        return {value: number for value, number in rows if number}

    def total(self):
        """How many leads there are."""
        return self.aggregate(number=Coalesce(Sum("count"), 0))["number"]

    def _figures(self):
        return {"count": Sum("count"), "cents": Sum("cents")}


class LeadTally(ClinicModel):
    """A number of present leads that share all of this, and the sum of what is expected of them; added up, exact.

    Triggers of crm_lead add a row for each group that a statement changes, in its transaction, positive or negative:
    nobody waits for a row that somebody else counts in. `crm.tallies` adds them together now and then. The columns name
    rows of other tables by id alone, as a tally may outlive them at zero.
    """

    stage = models.UUIDField()
    status = models.CharField(max_length=10)
    assigned_to = models.UUIDField(null=True)
    source = models.UUIDField()
    location = models.UUIDField(null=True)
    count = models.BigIntegerField()
    cents = models.BigIntegerField()

    objects = ScopedManager.of(LeadTallyQuerySet)

    class Meta:
        verbose_name = _("tally of leads")
        verbose_name_plural = _("tallies of leads")
        indexes = [clinic_index("stage", name="tally_by_stage")]
