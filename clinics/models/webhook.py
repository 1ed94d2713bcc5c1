from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models.base import ClinicModel, clinic_index


class WebhookLog(ClinicModel):
    """What an outside service told us, kept as it came before anything is made of it."""

    class Source(models.TextChoices):
        TWILIO = "TWILIO", "Twilio"
        META = "META", "Meta"
        STRIPE = "STRIPE", "Stripe"
        EPIC = "EPIC", "Epic"
        CERNER = "CERNER", "Cerner"
        ATHENA = "ATHENA", "athenahealth"
        EMAIL = "EMAIL", _("E-mail")
        WEBFORM = "WEBFORM", _("Web form")
        ADS = "ADS", _("Ads")

    class Status(models.TextChoices):
        RECEIVED = "RECEIVED", _("Received")
        PROCESSED = "PROCESSED", _("Processed")
        IGNORED = "IGNORED", _("Ignored")
        RETRY = "RETRY", _("Will be tried again")
        DEAD = "DEAD", _("Given up")

    source = models.CharField(_("source"), max_length=10, choices=Source)
    event_type = models.CharField(_("event"), max_length=120)
    external_id = models.CharField(max_length=255)
    payload = models.JSONField()
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RECEIVED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error_message = models.TextField(blank=True, default="")
    processed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.UniqueConstraint(fields=["clinic", "source", "external_id"], name="webhook_once_a_source"),
        ]
        indexes = [clinic_index("status", "-id", name="webhook_by_status")]

    def __str__(self):
        return f"{self.source} {self.event_type}"
