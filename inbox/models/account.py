from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.encryption import EncryptedJSONField
from clinics.models import ClinicForeignKey, ClinicModel, Location, ScopedManager, WebhookConnection
from clinics.models.base import clinic_index
from inbox.models.choices import Carrier, Channel


class ChannelAccountQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def on(self, channel):
        """The accounts in use of a channel, the one that is taken first at the top."""
        return self.active().filter(channel=channel).order_by("-is_default", "created_at", "pk")

    def on_any(self, channel, address):
        """Whatever account has an address on a channel, in use or not."""
        return self.filter(channel=channel, address=address)

    def pretended(self):
        """The accounts of the sandbox."""
        return self.filter(carrier=Carrier.SANDBOX).exclude(connection=None).order_by("channel", "pk")

    def for_list(self):
        return self.select_related("location", "connection").order_by("channel", "-is_default", "label", "pk")


class ChannelAccount(ClinicModel):
    """A number, page or mailbox of the clinic on one channel: how to send by it, and how it has been going.

    `credentials` are sealed. `connection` is the address at which its carrier tells what comes in.
    """

    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    carrier = models.CharField(_("carried by"), max_length=10, choices=Carrier, default=Carrier.SANDBOX)
    label = models.CharField(_("name"), max_length=80)
    address = models.CharField(
        _("address"), max_length=254, help_text=_("E.164 number, e-mail address, or the id of the page.")
    )
    location = ClinicForeignKey(Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    credentials = EncryptedJSONField(default=dict)
    settings = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    connection = ClinicForeignKey(WebhookConnection, on_delete=models.SET_NULL, null=True, related_name="+")
    is_default = models.BooleanField(_("taken first"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)

    per_second = models.FloatField(_("messages or segments a second"), default=1.0)
    tokens = models.FloatField(default=1.0)  # of the bucket, as of tokens_at
    tokens_at = models.DateTimeField(null=True)
    resting_until = models.DateTimeField(null=True)  # the carrier asked for a pause

    last_in_at = models.DateTimeField(_("last received"), null=True)
    last_out_at = models.DateTimeField(_("last sent"), null=True)
    last_error_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True, default="")
    token_expires_at = models.DateTimeField(_("access ends"), null=True, blank=True)
    blocked_reason = models.CharField(max_length=200, blank=True, default="")  # nothing is sent by it while this stands

    objects = ScopedManager.of(ChannelAccountQuerySet)

    class Meta:
        verbose_name = _("channel account")
        verbose_name_plural = _("channel accounts")
        constraints = [
            models.UniqueConstraint(fields=["clinic", "channel", "address"], name="account_address_once_a_channel"),
            models.UniqueConstraint(
                fields=["clinic", "channel"], condition=Q(is_default=True), name="account_one_default_a_channel"
            ),
            models.CheckConstraint(condition=Q(per_second__gt=0), name="account_rate_is_positive"),
        ]
        indexes = [clinic_index("connection", name="accounts_of_a_connection")]

    def __str__(self):
        return self.label

    def get_absolute_url(self):
        return reverse("inbox:account_detail", args=[self.pk])

    @property
    def may_send(self):
        return self.is_active and not self.blocked_reason
