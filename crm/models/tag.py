from django.db import models

from clinics.models import ClinicForeignKey, ClinicModel, ScopedManager, Tag
from crm.models.lead import Lead


class LeadTagQuerySet(models.QuerySet):
    def on_outer_tag(self, lead):
        """What puts the tag of the query around it on a lead."""
        return self.filter(lead=lead, tag=models.OuterRef("pk"))

    def names_of(self, lead_ids):
        """The names of the tags of each of these leads: {lead_id: [name]}, in one query."""
        names = {}
        rows = self.filter(lead_id__in=lead_ids).order_by("tag__name").values_list("lead_id", "tag__name")
        for lead_id, name in rows:
            names.setdefault(lead_id, []).append(name)
        return names


class LeadTag(ClinicModel):
    """That a lead carries a tag."""

    lead = ClinicForeignKey(Lead, on_delete=models.CASCADE, related_name="tag_links")
    tag = ClinicForeignKey(Tag, on_delete=models.CASCADE, related_name="lead_links")

    objects = ScopedManager.of(LeadTagQuerySet)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "lead", "tag"], name="lead_tagged_once")]
