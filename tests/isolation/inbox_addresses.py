"""What stands in the addresses of the inbox."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from inbox.models import MessageAttachment, UnifiedConversation, UnifiedMessage


def file_in(world, _member):
    """The file of a message, there to be fetched."""
    attachment = world[MessageAttachment]
    if not attachment.stored_as:
        content = f"{world.word} photo".encode()
        attachment.stored_as = default_storage.save(f"documents/{world.clinic.pk}/inbox", ContentFile(content))
        attachment.save()
    return attachment.pk


ROWS = dict.fromkeys(
    ["inbox:conversation_detail", "inbox:conversation_person", "inbox:message_file", "inbox:message_original"],
    UnifiedConversation,
)
SLOTS = {
    "file_pk": {"inbox:message_file": file_in},
    "message_pk": {"inbox:message_original": UnifiedMessage},
}
