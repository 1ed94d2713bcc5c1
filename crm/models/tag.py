from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ScopedManager
from crm.models.lead import Lead


class Tag(ClinicModel):
    """A word that staff put on leads."""

    name = models.CharField(_("name"), max_length=60)
    color = models.CharField(_("color"), max_length=20, blank=True, default="")

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["clinic", "name"], name="tag_name_once_a_clinic")]

    def __str__(self):
        return self.name


class LeadTagQuerySet(models.QuerySet):
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
