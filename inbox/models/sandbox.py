from django.db import models

from clinics.models import ClinicForeignKey, ClinicModel
from clinics.models.base import clinic_index
from inbox.models.account import ChannelAccount


class SandboxDelivery(ClinicModel):
    """What the pretend carrier was asked to deliver: the other end's phone and mailbox, for a page to show."""

    account = ClinicForeignKey(ChannelAccount, on_delete=models.CASCADE, related_name="sandbox_deliveries")
    external_message_id = models.CharField(max_length=255)
    to_address = models.CharField(max_length=254)
    from_address = models.CharField(max_length=254)
    is_from_person = models.BooleanField(default=False)  # what the pretend patient wrote
    subject = models.CharField(max_length=300, blank=True, default="")
    text = models.TextField(blank=True, default="")
    payload = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "account", "external_message_id"], name="sandbox_delivery_once")
        ]
        indexes = [clinic_index("to_address", "-id", name="sandbox_deliveries_of_a_person")]
