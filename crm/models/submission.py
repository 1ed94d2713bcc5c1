from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel
from clinics.models.base import clinic_index
from crm.models.lead import Lead


class LeadSubmission(ClinicModel):
    """An inquiry exactly as it came, kept before anybody tries to understand it, so that none can be lost."""

    class Channel(models.TextChoices):
        STAFF = "STAFF", _("Entered by staff")
        WEBFORM = "WEBFORM", _("Web form")
        PHONE = "PHONE", _("Phone call")
        WEBHOOK = "WEBHOOK", _("Another system")
        EMAIL = "EMAIL", _("E-mail")
        IMPORT = "IMPORT", _("Import")
        API = "API", _("API")

    class Status(models.TextChoices):
        RECEIVED = "RECEIVED", _("Received")
        PROCESSED = "PROCESSED", _("Taken in")
        IGNORED = "IGNORED", _("Ignored")
        FAILED = "FAILED", _("Failed")

    channel = models.CharField(_("came by"), max_length=8, choices=Channel)
    payload = models.JSONField()
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RECEIVED)
    error = models.TextField(blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    idempotency_key = models.CharField(max_length=64, null=True, blank=True)
    lead = ClinicForeignKey(Lead, on_delete=models.SET_NULL, null=True, related_name="submissions")
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "idempotency_key"],
                condition=models.Q(idempotency_key__isnull=False),
                name="submission_once_a_key",
            )
        ]
        indexes = [clinic_index("status", "-received_at", name="submission_by_status")]
