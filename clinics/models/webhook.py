from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.encryption import EncryptedJSONField, EncryptedTextField
from clinics.models.base import ClinicForeignKey, ClinicModel, ScopedManager, clinic_index
from clinics.models.staff import ClinicUser


class WebhookConnectionQuerySet(models.QuerySet):
    def for_list(self):
        return self.order_by("-is_active", "label", "pk")

    def active(self):
        return self.filter(is_active=True)

    def of_kind(self, kind):
        return self.filter(kind=kind)


class WebhookConnection(ClinicModel):
    """One outside service that tells the clinic something: its address here, its settings, and how it has been going.

    The address holds an opaque token; it is looked up by the digest of the token, before any clinic is open.
    """

    kind = models.CharField(_("service"), max_length=30)
    label = models.CharField(_("name"), max_length=80)
    token = EncryptedTextField()
    token_digest = models.CharField(max_length=64)
    settings = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    is_active = models.BooleanField(_("in use"), default=True)
    received_count = models.PositiveBigIntegerField(_("received"), default=0)
    refused_count = models.PositiveBigIntegerField(_("refused"), default=0)
    last_received_at = models.DateTimeField(_("last received"), null=True)
    last_refused_at = models.DateTimeField(_("last refused"), null=True)
    last_refusal = models.CharField(max_length=200, blank=True, default="")
    last_error_at = models.DateTimeField(_("last error"), null=True)
    last_error = models.CharField(max_length=200, blank=True, default="")
    caught_up_at = models.DateTimeField(null=True)
    created_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(WebhookConnectionQuerySet)

    class Meta:
        verbose_name = _("webhook connection")
        verbose_name_plural = _("webhook connections")
        constraints = [models.UniqueConstraint(fields=["clinic", "token_digest"], name="webhook_address_once")]
        indexes = [models.Index(fields=["token_digest"], name="webhook_by_address")]

    def __str__(self):
        return self.label

    def get_absolute_url(self):
        return reverse("clinics:webhook_connection_detail", args=[self.pk])

    def get_path(self):
        """The path that the outside service posts to."""
        return reverse("clinics:hook", args=[self.kind, self.token])

    @property
    def has_trouble(self):
        """Whether the last thing that happened went wrong."""
        moments = [moment for moment in (self.last_error_at, self.last_refused_at) if moment]
        return bool(moments) and (self.last_received_at is None or max(moments) >= self.last_received_at)


class WebhookSecretQuerySet(models.QuerySet):
    def of(self, connection):
        return self.filter(connection=connection)

    def active(self):
        return self.filter(models.Q(works_until=None) | models.Q(works_until__gt=timezone.now()))

    def newest_first(self):
        return self.order_by("name", "-id")


class WebhookSecret(ClinicModel):
    """A key shared with an outside service; while it is changed over, the old and the new one are both good."""

    connection = ClinicForeignKey(WebhookConnection, on_delete=models.CASCADE, related_name="secrets")
    name = models.CharField(max_length=40)
    value = EncryptedTextField()
    ending = models.CharField(max_length=4, blank=True, default="")
    works_until = models.DateTimeField(null=True)

    objects = ScopedManager.of(WebhookSecretQuerySet)

    class Meta:
        verbose_name = _("webhook secret")
        verbose_name_plural = _("webhook secrets")
        indexes = [clinic_index("connection", "name", "-id", name="secret_of_a_connection")]

    def __str__(self):
        return f"{self.name} …{self.ending}"

    @property
    def is_active(self):
        return self.works_until is None or self.works_until > timezone.now()


class WebhookLogQuerySet(models.QuerySet):
    def for_list(self):
        """Newest first, without the payload, which is opened for one row at a time."""
        return self.select_related("connection").defer("payload").order_by("-id")

    def due(self, moment):
        """Those that nobody works at: new, to be tried again, or left by a worker that died."""
        return self.filter(due_at__lte=moment).order_by("due_at", "pk")

    def dead(self):
        return self.filter(status=WebhookLog.Status.DEAD)

    def that_made(self, model, ids):
        """Those of which some rows of a model came."""
        return self.filter(resource_type=model._meta.label_lower, resource_id__in=ids)

    def ended_before(self, moment):
        """Those whose payload is needed no longer."""
        return self.filter(
            status__in=[WebhookLog.Status.PROCESSED, WebhookLog.Status.IGNORED],
            processed_at__lt=moment,
            payload__isnull=False,
        )


class WebhookLog(ClinicModel):
    """One event that an outside service told us of, kept sealed as it came before anything is made of it.

    `due_at` says when it is to be worked at; while a worker has it, when its lease ends; None once it is over.
    """

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
        PROCESSING = "PROCESSING", _("In hand")
        PROCESSED = "PROCESSED", _("Processed")
        IGNORED = "IGNORED", _("Ignored")
        RETRY = "RETRY", _("Will be tried again")
        DEAD = "DEAD", _("Given up")

    connection = ClinicForeignKey(WebhookConnection, on_delete=models.SET_NULL, null=True, related_name="webhooks")
    source = models.CharField(_("source"), max_length=10, choices=Source)
    event_type = models.CharField(_("event"), max_length=120)
    external_id = models.CharField(max_length=255)
    payload = EncryptedJSONField(null=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RECEIVED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("next try"), null=True)
    error_message = models.TextField(_("error"), blank=True, default="")
    outcome = models.CharField(_("what came of it"), max_length=200, blank=True, default="")
    resource_type = models.CharField(max_length=60, blank=True, default="")
    resource_id = models.UUIDField(null=True)
    processed_at = models.DateTimeField(null=True)

    objects = ScopedManager.of(WebhookLogQuerySet)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "source", "connection", "external_id"],
                name="webhook_once_a_source",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            clinic_index("status", "-id", name="webhook_by_status"),
            clinic_index("connection", "-id", name="webhook_of_a_connection"),
            clinic_index("-id", name="webhook_newest_first"),
            clinic_index("due_at", name="webhook_due", condition=models.Q(due_at__isnull=False)),
        ]

    def __str__(self):
        return f"{self.source} {self.event_type}"

    def get_absolute_url(self):
        return reverse("clinics:webhook_detail", args=[self.pk])

    @property
    def is_over(self):
        return self.status in (self.Status.PROCESSED, self.Status.IGNORED)
