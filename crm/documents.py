"""Attaching a document to a lead, taking it away, and bringing it back."""

import hashlib
import uuid
from datetime import timedelta

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from clinics.audit import SYSTEM, record
from clinics.documents.reading import MOST_DOCUMENTS, keep_file, read_document
from clinics.documents.removing import remove_files
from clinics.documents.rules import FileIsPurged, TooManyDocuments
from clinics.live import publish
from crm.models import ActivityType, LeadActivity, LeadDocument
from crm.pipeline import lock_lead
from crm.rules import LeadIsLocked

KEPT_AFTER_DELETION = timedelta(days=7)
AT_ONCE = 200


@transaction.atomic
def add_document(lead, upload, *, by, key=""):
    """Attach an uploaded file to a lead, cleaned, under an opaque name; returns the LeadDocument.

    The same `key` twice attaches it once. Records "crm.document.added". Raises LeadIsLocked, FileRefused.
    """
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    known = LeadDocument.objects.filter(pk=_identity(lead, key)).first() if key else None
    if known is not None:
        return known
    if lead.documents.present().count() >= MOST_DOCUMENTS:
        raise TooManyDocuments
    name, kind, content = read_document(upload)

    stored_as = keep_file(lead.clinic_id, content)
    try:
        with transaction.atomic():
            document = LeadDocument(
                lead=lead,
                name=name,
                stored_as=stored_as,
                content_type=kind.content_type,
                size_bytes=len(content),
                digest=hashlib.sha256(content).hexdigest(),
                added_by=by,
            )
            document.id = _identity(lead, key) if key else document.id
            document.save(force_insert=True)
            _write_down(document)
            record("crm.document.added", lead, by=by, after={"document": document, "bytes": document.size_bytes})
    except BaseException:
        default_storage.delete(stored_as)
        raise
    publish(f"lead-{lead.pk}")
    return document


@transaction.atomic
def delete_document(document, *, by):
    """Take a document away from its lead; it can be brought back. Returns it. Records "crm.document.deleted".

    Raises LeadIsLocked.
    """
    document = _locked(document)
    if document.deleted_at is None:
        document.deleted_at = timezone.now()
        document.save(update_fields=["deleted_at", "updated_at"])
        document.lead.activities.filter(payload__document=str(document.pk)).delete()
        record("crm.document.deleted", document.lead, by=by, before={"document": document})
        publish(f"lead-{document.lead_id}")
    return document


@transaction.atomic
def restore_document(document, *, by):
    """Bring back a document that was taken away; returns it. Records "crm.document.restored".

    Raises LeadIsLocked, FileIsPurged once its file was removed.
    """
    document = _locked(document)
    if not document.stored_as:
        raise FileIsPurged
    if document.deleted_at is not None:
        document.deleted_at = None
        document.save(update_fields=["deleted_at", "updated_at"])
        _write_down(document)
        record("crm.document.restored", document.lead, by=by, after={"document": document})
        publish(f"lead-{document.lead_id}")
    return document


def purge_documents(*, now):
    """Remove the files of what was deleted longer ago than it can be brought back; returns how many.

    The row stays and says that there was a document, without its file. Records "crm.document.purged" for each.
    """
    gone = LeadDocument.objects.select_related("lead").to_purge(now - KEPT_AFTER_DELETION)
    purged = list(gone.select_for_update(of=("self",), skip_locked=True).order_by("pk")[:AT_ONCE])
    for document in purged:
        stored_as, document.stored_as = document.stored_as, ""
        document.save(update_fields=["stored_as", "updated_at"])
        record("crm.document.purged", document.lead, by=SYSTEM, before={"document": document})
        remove_files(stored_as)
    return len(purged)


def open_document(document, *, by):
    """Open a document's file for reading, and write down who did. Records "crm.document.opened"."""
    record("crm.document.opened", document.lead, by=by, metadata={"document": document})
    return default_storage.open(document.stored_as)


def _identity(lead, key):
    return uuid.uuid5(lead.pk, f"document {key}")


def _locked(document):
    lead = lock_lead(document.lead)
    if lead.is_locked:
        raise LeadIsLocked
    return LeadDocument.objects.select_related("lead", "added_by").select_for_update(of=("self",)).get(pk=document.pk)


def _write_down(document):
    LeadActivity.objects.create(
        lead=document.lead,
        type=ActivityType.DOCUMENT_ADDED,
        occurred_at=document.created_at,
        by=document.added_by,
        payload={"document": str(document.pk), "name": document.name},
    )
