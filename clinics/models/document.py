from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models.base import ClinicForeignKey, ClinicModel
from clinics.models.staff import ClinicUser


class DocumentQuerySet(models.QuerySet):
    def present(self):
        """Documents that were not deleted."""
        return self.filter(deleted_at=None)

    def to_purge(self, moment):
        """Documents that were deleted before a moment and whose file is still kept."""
        return self.filter(deleted_at__lt=moment).exclude(stored_as="")

    def for_list(self):
        """Newest first, with who added it."""
        return self.select_related("added_by__user").order_by("-id")


class Document(ClinicModel):
    """A file about somebody, kept under a name that nobody can guess and only ever sent as a download.

    Whoever inherits it adds whom it is about.
    """

    name = models.CharField(_("file"), max_length=120)
    stored_as = models.CharField(max_length=255)
    content_type = models.CharField(max_length=80)
    size_bytes = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    added_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    @property
    def is_image(self):
        return self.content_type.startswith("image/")
