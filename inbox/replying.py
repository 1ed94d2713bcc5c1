"""Answering: what a member wrote becomes one message, with its files, however often it is sent off."""

import hashlib

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F

from clinics.documents.reading import keep_file, read_document
from inbox.approved import fill_places
from inbox.drafting import drop_draft
from inbox.handling import resolve_conversation
from inbox.models import ApprovedTemplate, CannedReply, MessageAttachment, UnifiedMessage
from inbox.planning import plan_message


@transaction.atomic
def send_reply(conversation, reply, *, by, key):
    """Plan what a member wrote, and forget the draft of it; returns the UnifiedMessage, the same for the same key.

    `reply` holds channel, text, subject, files, not_before, template, values, canned, then_resolve. Records as
    plan_message. Raises as plan_message, and FileRefused for a file that is not taken.
    """
    dedupe_key = f"reply {conversation.pk} {key}"
    known = UnifiedMessage.objects.filter(dedupe_key=dedupe_key).first()
    if known is not None:
        return known
    template = _filled(reply.get("template"), reply.get("values"))
    attachments = [_keep(upload, by) for upload in reply.get("files") or ()]
    try:
        message = plan_message(
            conversation,
            channel=reply["channel"],
            text=template["text"] if template else reply["text"],
            by=by,
            dedupe_key=dedupe_key,
            subject=reply.get("subject", ""),
            not_before=reply.get("not_before"),
            template=template and {name: template[name] for name in ("id", "language", "values")},
            attachments=attachments,
        )
    except BaseException:
        for attachment in attachments:
            default_storage.delete(attachment.stored_as)
        raise
    drop_draft(conversation, by=by)
    if reply.get("canned"):
        CannedReply.objects.usable_by(by).filter(pk=reply["canned"]).update(used_count=F("used_count") + 1)
    if reply.get("then_resolve"):
        resolve_conversation(conversation, by=by)
    return message


def _keep(upload, by):
    """A file that goes with a message, kept and not yet with any."""
    name, kind, content = read_document(upload)
    return MessageAttachment.objects.create(
        name=name,
        stored_as=keep_file(by.clinic_id, content),
        content_type=kind.content_type,
        size_bytes=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        added_by=by,
    )


def _filled(template: ApprovedTemplate | None, values):
    """An approved template with its places filled: what goes to the carrier, and the text as it will be read."""
    if template is None:
        return None
    text = fill_places(template.text, values)
    return {"id": template.external_id, "language": template.language, "values": list(values), "text": text}
