from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """Every way in which somebody writes to a clinic, or the clinic to them."""

    SMS = "SMS", _("Text message")
    WHATSAPP = "WHATSAPP", "WhatsApp"
    EMAIL = "EMAIL", _("E-mail")
    FACEBOOK_MESSENGER = "FACEBOOK_MESSENGER", "Messenger"
    INSTAGRAM_DM = "INSTAGRAM_DM", "Instagram"
    VOICE = "VOICE", _("Phone call")
    PORTAL = "PORTAL", _("Portal")


PHONE_CHANNELS = (Channel.SMS, Channel.WHATSAPP, Channel.VOICE)


class Carrier(models.TextChoices):
    """Who carries what a clinic sends, and tells what comes in."""

    SANDBOX = "SANDBOX", _("Pretend phone and mailbox")
    TWILIO = "TWILIO", "Twilio"
    META = "META", "Meta"
    MAIL = "MAIL", _("Mail service")
    HOUSE = "HOUSE", _("This installation")


class ConversationStatus(models.TextChoices):
    ACTIVE = "ACTIVE", _("Open")
    RESOLVED = "RESOLVED", _("Resolved")
    ARCHIVED = "ARCHIVED", _("Archived")


class Direction(models.TextChoices):
    INBOUND = "INBOUND", _("received")
    OUTBOUND = "OUTBOUND", _("sent")


class MessageKind(models.TextChoices):
    TEXT = "TEXT", _("Message")
    CALL = "CALL", _("Call")
    VOICEMAIL = "VOICEMAIL", _("Voicemail")
    STORY_MENTION = "STORY_MENTION", _("Mention in a story")


class MessageStatus(models.TextChoices):
    """Where a message stands. Those of outgoing ones are explained, and ordered, in `inbox.outbox`."""

    PLANNED = "PLANNED", _("planned")
    PENDING = "PENDING", _("waiting to be sent")
    SENDING = "SENDING", _("being sent")
    UNKNOWN = "UNKNOWN", _("not known whether it went")
    SENT = "SENT", _("sent")
    DELIVERED = "DELIVERED", _("delivered")
    READ = "READ", _("read")
    FAILED = "FAILED", _("failed")
    SUPPRESSED = "SUPPRESSED", _("held back")
    CANCELLED = "CANCELLED", _("taken back")
    RECEIVED = "RECEIVED", _("received")


class Purpose(models.TextChoices):
    """What a message is for: consent is asked for each."""

    REPLY = "REPLY", _("Answer to a message of theirs")
    CARE = "CARE", _("Appointments and treatment")
    NEWS = "NEWS", _("News and offers")


class Sentiment(models.TextChoices):
    POSITIVE = "POSITIVE", _("Positive")
    NEUTRAL = "NEUTRAL", _("Neutral")
    NEGATIVE = "NEGATIVE", _("Negative")


class ConsentState(models.TextChoices):
    OPTED_IN = "OPTED_IN", _("agreed")
    OPTED_OUT = "OPTED_OUT", _("refused")


class ConsentSource(models.TextChoices):
    IN_PERSON = "IN_PERSON", _("said at the desk")
    PHONE = "PHONE", _("said on the phone")
    PAPER = "PAPER", _("signed on paper")
    FORM = "FORM", _("ticked in a form")
    MESSAGE = "MESSAGE", _("written in a message")
    PREFERENCES = "PREFERENCES", _("chosen on the preference page")
    ONE_CLICK = "ONE_CLICK", _("unsubscribed with one click")
    PROVIDER = "PROVIDER", _("told by the carrier")
    IMPORT = "IMPORT", _("came from another system")


class SuppressionReason(models.TextChoices):
    STOP = "STOP", _("wrote STOP")
    REFUSAL = "REFUSAL", _("seems to refuse; somebody has to read it")
    BOUNCE = "BOUNCE", _("mail comes back")
    COMPLAINT = "COMPLAINT", _("reported as spam")
    UNREACHABLE = "UNREACHABLE", _("cannot be reached on this channel")
    WRONG_PERSON = "WRONG_PERSON", _("belongs to somebody else")
    BY_STAFF = "BY_STAFF", _("stopped by staff")
