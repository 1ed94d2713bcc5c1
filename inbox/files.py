"""The files of messages, handed out as downloads."""

from django.core.files.storage import default_storage

from clinics.audit import record


def open_file(attachment, *, by):
    """Open a file of a message for reading, and write down who did. Records "inbox.attachment.opened"."""
    record("inbox.attachment.opened", attachment, by=by)
    return default_storage.open(attachment.stored_as)
