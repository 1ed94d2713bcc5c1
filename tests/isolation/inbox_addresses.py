"""What stands in the addresses of the inbox."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from clinics.documents.reading import keep_file
from clinics.models import BackgroundJob
from inbox.lending import media_url
from inbox.models import (
    Channel,
    ChannelAccount,
    Direction,
    MessageAttachment,
    MessageStatus,
    SatisfactionQuestion,
    Suppression,
    SuppressionReason,
    UnifiedConversation,
    UnifiedMessage,
)
from inbox.preferences import token_of
from inbox.tests.factories import MessageFactory, SuppressionFactory


def file_in(world, _member):
    """The file of a message, there to be fetched, and named by its row again each time that the walk took that back."""
    attachment = world[MessageAttachment]
    if not attachment.stored_as:
        content = f"{world.word} photo".encode()
        attachment.stored_as = default_storage.save(f"documents/{world.clinic.pk}/inbox", ContentFile(content))
    attachment.save()
    return attachment.pk


def in_doubt(world, _member):
    """A message of which nobody knows whether it went."""
    known = UnifiedMessage.objects.filter(status=MessageStatus.UNKNOWN).first()
    facts = {"direction": Direction.OUTBOUND, "status": MessageStatus.UNKNOWN, "text": f"{world.word} reminder"}
    return (known or MessageFactory(conversation=world[UnifiedConversation], **facts)).pk


def stopped(world, _member):
    """An address that was stopped, and is so again whatever the walk has done to it."""
    return _standing(SuppressionReason.BY_STAFF).pk


def refusing(world, _member):
    """Somebody who seems to refuse."""
    return _standing(SuppressionReason.REFUSAL).pk


def _standing(reason):
    address = "+17735550188"
    known = Suppression.objects.standing().filter(reason=reason, address=address).first()
    return known or SuppressionFactory(channel=Channel.SMS, address=address, reason=reason)


def consent_file(world, _member):
    """A file of consents that was taken in."""
    known = BackgroundJob.objects.filter(kind="inbox.consent_import").first()
    facts = {"parameters": {"file": f"{world.word}.csv", "rows": []}, "status": BackgroundJob.Status.DONE}
    facts |= {"heartbeat_at": timezone.now(), "result": {"noted": 0, "known": 0, "refused": []}}
    return (known or BackgroundJob.objects.create(kind="inbox.consent_import", title="Consents", **facts)).pk


def link_in(world, _member):
    """The secret in the link of a message that somebody was sent."""
    sent = UnifiedMessage.objects.outbound().filter(text=f"{world.word} reminder").first()
    return token_of(sent or UnifiedMessage.objects.get(pk=in_doubt(world, _member)))


def question_to(world, _member):
    """The secret in the link of a question how content somebody is."""
    return world[SatisfactionQuestion].token


def lent(world, _member):
    """The address by which a carrier fetches a file of a message."""
    message = MessageFactory(
        conversation=world[UnifiedConversation], direction=Direction.OUTBOUND, status=MessageStatus.SENT
    )
    file = MessageAttachment.objects.create(
        message=message,
        name="plan.txt",
        stored_as=keep_file(world.clinic.pk, b"plan"),
        content_type="text/plain",
        size_bytes=4,
        digest="",
    )
    return media_url(file).split("/")[-2]


ROWS = dict.fromkeys(
    [
        "inbox:conversation_consent",
        "inbox:conversation_consent_note",
        "inbox:conversation_evidence",
        "inbox:conversation_detail",
        "inbox:conversation_person",
        "inbox:message_file",
        "inbox:message_original",
    ],
    UnifiedConversation,
) | {
    "inbox:consent_import_detail": consent_file,
    "inbox:message_decide": in_doubt,
    "inbox:suppression_lift": stopped,
    "inbox:refusal_settle": refusing,
}
TOKENS = dict.fromkeys(["inbox:public_preferences", "inbox:public_unsubscribe"], link_in)
TOKENS["inbox:public_satisfaction"] = question_to
TOKENS["inbox:public_file"] = lent
ROWS |= dict.fromkeys(
    [
        "inbox:account_default",
        "inbox:account_detail",
        "inbox:account_edit",
        "inbox:account_pause",
        "inbox:account_resume",
        "inbox:account_test",
        "inbox:sandbox_speak",
    ],
    ChannelAccount,
)
SLOTS = {
    "file_pk": {"inbox:message_file": file_in},
    "message_pk": {"inbox:message_original": UnifiedMessage},
}
