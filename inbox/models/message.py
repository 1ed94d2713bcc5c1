from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index
from clinics.models.document import Document, DocumentQuerySet
from inbox.models.account import ChannelAccount
from inbox.models.choices import Channel, Direction, MessageKind, MessageStatus, Purpose, Sentiment
from inbox.models.conversation import UnifiedConversation, names_of

# Not gone yet, or not known whether it went: the rows that the sender and the watchdog look at.
ON_ITS_WAY = (MessageStatus.PLANNED, MessageStatus.PENDING, MessageStatus.SENDING, MessageStatus.UNKNOWN)


class UnifiedMessageQuerySet(models.QuerySet):
    def inbound(self):
        return self.filter(direction=Direction.INBOUND)

    def outbound(self):
        return self.filter(direction=Direction.OUTBOUND)

    def on_its_way(self):
        return self.filter(status__in=ON_ITS_WAY)

    def for_thread(self):
        """Newest first, with the names of those who wrote them, and `has_original` where an e-mail quotes more.

        What no thread shows is not read: an original may be long, and a member of staff has more than a name.
        """
        shown = [field.name for field in self.model._meta.concrete_fields if field.name not in ("html", "full_text")]
        original = models.ExpressionWrapper(~Q(html="") | ~Q(full_text=""), models.BooleanField())
        rows = self.select_related("by__user").only(*shown, *names_of("by"))
        return rows.annotate(has_original=original).order_by("-happened_at", "-pk")


class UnifiedMessage(ClinicModel):
    """One message, call or voicemail, either way, and how far an outgoing one has come.

    `happened_at` is when it was received, or went; before that, when it is due. An outgoing one is unique by its
    `dedupe_key`: the same intent is one row, whoever asks how often. What is sent is frozen at the claim, and digested.
    """

    conversation = ClinicForeignKey(UnifiedConversation, on_delete=models.CASCADE, related_name="messages")
    account = ClinicForeignKey(ChannelAccount, on_delete=models.SET_NULL, null=True, related_name="messages")
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    direction = models.CharField(_("direction"), max_length=8, choices=Direction)
    kind = models.CharField(max_length=13, choices=MessageKind, default=MessageKind.TEXT)
    address = models.CharField(_("their address"), max_length=254, blank=True, default="")
    subject = models.CharField(_("subject"), max_length=300, blank=True, default="")
    text = models.TextField(_("text"), blank=True, default="")
    full_text = models.TextField(blank=True, default="")  # an e-mail with all that it quotes; empty if that is `text`
    html = models.TextField(blank=True, default="")  # as it came; never shown unclean
    external_message_id = models.CharField(max_length=255, null=True, blank=True)
    in_reply_to = models.CharField(max_length=255, blank=True, default="")
    metadata = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    happened_at = models.DateTimeField(_("when"))
    by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    is_automatic = models.BooleanField(_("written by no human"), default=False)
    sentiment = models.CharField(max_length=8, choices=Sentiment, blank=True, default="")
    is_urgent = models.BooleanField(default=False)
    duration_seconds = models.PositiveIntegerField(null=True)  # of a call or voicemail
    attachment_count = models.PositiveSmallIntegerField(default=0)

    status = models.CharField(_("status"), max_length=10, choices=MessageStatus)
    purpose = models.CharField(max_length=5, choices=Purpose, default=Purpose.REPLY)
    dedupe_key = models.CharField(max_length=200, null=True, blank=True)
    not_before = models.DateTimeField(null=True)  # looked at again from then on
    expires_at = models.DateTimeField(null=True)  # later it makes no sense any more
    lease_until = models.DateTimeField(null=True)
    fence = models.UUIDField(null=True)  # of the claim that may write the outcome
    tries = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)  # from then on its carrier may have it
    sent_at = models.DateTimeField(null=True)
    status_at = models.DateTimeField(null=True)
    status_rank = models.PositiveSmallIntegerField(default=0)  # of the carrier's word; only ever rises
    segments = models.PositiveSmallIntegerField(default=0)
    body_digest = models.CharField(max_length=64, blank=True, default="")
    reason = models.CharField(
        max_length=40, blank=True, default=""
    )  # code, see inbox/reasons.py: why held back, or failed
    reason_detail = models.CharField(max_length=300, blank=True, default="")

    objects = ScopedManager.of(UnifiedMessageQuerySet)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "dedupe_key"], condition=Q(dedupe_key__isnull=False), name="message_intent_once"
            ),
            models.UniqueConstraint(
                fields=["clinic", "account", "external_message_id"],
                condition=Q(external_message_id__isnull=False),
                name="message_external_id_once",
            ),
            models.CheckConstraint(
                condition=Q(direction="OUTBOUND") | Q(status="RECEIVED"), name="message_inbound_is_received"
            ),
            models.CheckConstraint(
                condition=~Q(status="SENDING") | Q(fence__isnull=False, lease_until__isnull=False),
                name="message_being_sent_has_a_lease",
            ),
        ]
        indexes = [
            clinic_index("conversation", "-happened_at", "-id", name="messages_of_a_conversation"),
            clinic_index(
                "status",
                "not_before",
                "id",
                name="message_on_its_way",
                condition=Q(status__in=["PLANNED", "PENDING", "SENDING", "UNKNOWN"]),
            ),
            clinic_index(
                "account",
                "purpose",
                "not_before",
                "id",
                name="message_due_by_an_account",
                condition=Q(status__in=["PLANNED", "PENDING"]),
            ),
            clinic_index("channel", "address", "-happened_at", name="messages_of_an_address"),
            clinic_index("account", "-happened_at", name="messages_of_an_account"),
            clinic_index(
                "external_message_id", name="message_by_external_id", condition=Q(external_message_id__isnull=False)
            ),
        ]

    def __str__(self):
        return self.text[:60] or self.get_kind_display()

    @property
    def is_inbound(self):
        return self.direction == Direction.INBOUND

    @property
    def is_on_its_way(self):
        return self.status in ON_ITS_WAY


class SentCount(ClinicModel):
    """How many messages a clinic has handed over in a month (its first day, in the clinic's time zone)."""

    month = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "month"], name="sent_count_one_a_month")]


class MessageAttachmentQuerySet(DocumentQuerySet):
    def of_conversation(self, conversation):
        """Files of a conversation that are here to be fetched."""
        return self.present().filter(message__conversation=conversation).exclude(stored_as="")

    def waiting(self):
        """Files that their carrier still has, and that nobody gave up."""
        return self.filter(stored_as="", fetch_error="").exclude(source_url="")


class MessageAttachment(Document):
    """A file that came with a message, or goes with one."""

    message = ClinicForeignKey(UnifiedMessage, on_delete=models.CASCADE, null=True, related_name="attachments")
    source_url = models.CharField(max_length=1000, blank=True, default="")  # where the carrier keeps it, until fetched
    fetch_error = models.CharField(max_length=200, blank=True, default="")

    objects = ScopedManager.of(MessageAttachmentQuerySet)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        indexes = [clinic_index("message", name="attachments_of_a_message")]


class DeliveryReport(ClinicModel):
    """What a carrier told about a message of ours, as it came; kept also when the message is not known yet."""

    account = ClinicForeignKey(ChannelAccount, on_delete=models.CASCADE, related_name="+")
    message = ClinicForeignKey(UnifiedMessage, on_delete=models.CASCADE, null=True, related_name="reports")
    external_message_id = models.CharField(max_length=255)
    status = models.CharField(max_length=40)
    error_code = models.CharField(max_length=40, blank=True, default="")
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    told_at = models.DateTimeField()

    class Meta:
        verbose_name = _("delivery report")
        verbose_name_plural = _("delivery reports")
        indexes = [
            clinic_index("message", name="reports_of_a_message"),
            clinic_index("account", "external_message_id", name="reports_without_a_message", condition=Q(message=None)),
        ]
