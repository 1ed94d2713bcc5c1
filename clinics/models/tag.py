from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models.base import ClinicModel, ScopedManager


class TagQuerySet(models.QuerySet):
    def of_links(self, links):
        """The tags that some rows put on people."""
        return self.filter(pk__in=links.values("tag"))


class Tag(ClinicModel):
    """A word of the clinic's own that staff put on people: on leads, and on patients."""

    name = models.CharField(_("name"), max_length=60)
    color = models.CharField(_("color"), max_length=20, blank=True, default="")

    objects = ScopedManager.of(TagQuerySet)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["clinic", "name"], name="tag_name_once_a_clinic")]

    def __str__(self):
        return self.name
