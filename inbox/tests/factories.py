import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from inbox.models import (
    CannedReply,
    Carrier,
    Channel,
    ChannelAccount,
    ConsentSource,
    ConsentState,
    ContactConsent,
    Direction,
    MessageStatus,
    Purpose,
    Suppression,
    SuppressionReason,
    UnifiedConversation,
    UnifiedMessage,
)


class ChannelAccountFactory(DjangoModelFactory):
    """The clinic's number at the pretend carrier."""

    class Meta:
        model = ChannelAccount

    channel = Channel.SMS
    carrier = Carrier.SANDBOX
    label = "Front desk"
    address = factory.Sequence(lambda n: f"+1312555{n % 10000:04d}")


class ConversationFactory(DjangoModelFactory):
    """A conversation with a number that nobody knows; hand in `lead` or `patient` for one that is matched."""

    class Meta:
        model = UnifiedConversation

    lead = None
    patient = None
    last_message_at = factory.LazyFunction(timezone.now)
    person_name = factory.LazyAttribute(lambda row: str(row.lead or row.patient or ""))
    unknown_channel = factory.LazyAttribute(lambda row: "" if row.lead or row.patient else Channel.SMS)
    unknown_address = factory.Sequence(lambda n: f"+1773555{n % 10000:04d}")


class MessageFactory(DjangoModelFactory):
    """Something they wrote; `direction=Direction.OUTBOUND, status=MessageStatus.SENT` for something they got."""

    class Meta:
        model = UnifiedMessage

    conversation = factory.SubFactory(ConversationFactory)
    channel = Channel.SMS
    direction = Direction.INBOUND
    status = MessageStatus.RECEIVED
    address = factory.LazyAttribute(lambda row: row.conversation.unknown_address)
    text = "When do you open?"
    happened_at = factory.LazyFunction(timezone.now)


class ContactConsentFactory(DjangoModelFactory):
    class Meta:
        model = ContactConsent

    channel = Channel.SMS
    address = "+17735550101"
    purpose = Purpose.NEWS
    state = ConsentState.OPTED_IN
    source = ConsentSource.FORM
    decided_at = factory.LazyFunction(timezone.now)


class SuppressionFactory(DjangoModelFactory):
    class Meta:
        model = Suppression

    channel = Channel.SMS
    address = "+17735550101"
    reason = SuppressionReason.STOP


class CannedReplyFactory(DjangoModelFactory):
    class Meta:
        model = CannedReply

    shortcut = factory.Sequence(lambda n: f"hours{n}")
    title = "Opening hours"
    text = "Hello {first_name}, we are open from 8 to 6."
