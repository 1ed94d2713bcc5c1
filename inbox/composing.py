"""A planned message as it goes out: made of what is stored, and digested, so that a second try is the same bytes."""

import hashlib
import json

from django.core.files.storage import default_storage

from inbox.channels.contract import Enclosure, Outgoing
from inbox.lending import media_url
from inbox.models import Channel, Purpose, UnifiedMessage
from inbox.preferences import one_click_url
from inbox.reporting import report_url

REFERENCES = 10


def digest_of(message):
    """A digest of everything that the receiver sees of a message."""
    files = []
    if message.attachment_count:
        files = list(message.attachments.filter(deleted_at=None).order_by("pk").values_list("digest", flat=True))
    seen = [
        str(message.account_id),
        message.address,
        message.subject,
        message.text,
        message.html,
        message.metadata.get("template"),
        files,
    ]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def compose(message, account, clinic):
    """The Outgoing that is handed to the carrier."""
    is_mail = message.channel == Channel.EMAIL
    return Outgoing(
        key=str(message.pk),
        from_address=account.address,
        to_address=message.address,
        text=message.text,
        subject=message.subject,
        html=message.html,
        from_name=clinic.name,
        in_reply_to=message.in_reply_to,
        references=_references(message) if is_mail else (),
        report_url=report_url(message, account),
        unsubscribe_url=one_click_url(message) if is_mail and message.purpose != Purpose.REPLY else "",
        template=message.metadata.get("template"),
        enclosures=_enclosures(message) if message.attachment_count else (),
        rings=message.metadata.get("rings", ""),
        tag=message.metadata.get("tag", ""),
    )


def _references(message):
    """The ids of the mails before this one, oldest first, so that a mailbox shows them as one thread."""
    mails = UnifiedMessage.objects.filter(
        conversation_id=message.conversation_id, channel=Channel.EMAIL, pk__lt=message.pk
    ).exclude(external_message_id=None)
    newest = mails.order_by("-happened_at", "-pk").values_list("external_message_id", flat=True)[:REFERENCES]
    return tuple(reversed(newest))


def _enclosures(message):
    """The files that go with a message, read; what is not stored any more is left out."""
    read = []
    for row in message.attachments.filter(deleted_at=None).exclude(stored_as="").order_by("pk"):
        with default_storage.open(row.stored_as) as file:
            read.append(Enclosure(row.name, row.content_type, file.read(), media_url(row)))
    return tuple(read)
