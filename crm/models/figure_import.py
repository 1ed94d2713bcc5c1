from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager


class FigureImportQuerySet(models.QuerySet):
    def for_list(self):
        return self.select_related("uploaded_by__user").defer("rows", "before").order_by("-id")


class FigureImport(ClinicModel):
    """A file of spend or of key figure events: read and tried out when it comes, then taken over, and possibly undone.

    `rows` are what its lines say: {"line", "problem", "state", ...}; `before` what stood there before.
    """

    class Kind(models.TextChoices):
        SPEND = "SPEND", _("Spend by month")
        EVENTS = "EVENTS", _("Key figure events")

    class Status(models.TextChoices):
        TRIED = "TRIED", _("Tried out")
        IMPORTED = "IMPORTED", _("Imported")
        UNDONE = "UNDONE", _("Undone")

    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    file_name = models.CharField(_("file"), max_length=255)
    status = models.CharField(_("state"), max_length=8, choices=Status, default=Status.TRIED)
    rows = models.JSONField(default=list)
    before = models.JSONField(default=list)
    row_count = models.PositiveIntegerField(default=0)
    problem_count = models.PositiveIntegerField(default=0)
    taken_count = models.PositiveIntegerField(default=0)
    uploaded_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(FigureImportQuerySet)

    class Meta:
        verbose_name = _("file of figures")
        verbose_name_plural = _("files of figures")

    def __str__(self):
        return self.file_name

    def get_absolute_url(self):
        return reverse("crm:figure_import_detail", args=[self.pk])

    @property
    def problems(self):
        return [row for row in self.rows if row.get("problem")]

    @property
    def good_rows(self):
        return [row for row in self.rows if not row.get("problem")]
