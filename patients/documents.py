"""Attaching a document to a patient, taking it away, and bringing it back."""

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
from patients.editing import lock_patient, tell
from patients.models import PatientDocument
from patients.rules import PatientIsGone

KEPT_AFTER_DELETION = timedelta(days=7)
AT_ONCE = 200


@transaction.atomic
def add_document(patient, upload, *, by, key=""):
    """Attach an uploaded file to a patient, cleaned, under an opaque name; returns the PatientDocument.

    The same `key` twice attaches it once. Records "patients.document.added". Raises PatientIsGone, FileRefused.
    """
    patient = _present(patient)
    known = PatientDocument.objects.filter(pk=_identity(patient, key)).first() if key else None
    if known is not None:
        return known
    if patient.documents.present().count() >= MOST_DOCUMENTS:
        raise TooManyDocuments
    name, kind, content = read_document(upload)

    stored_as = keep_file(patient.clinic_id, content)
    try:
        with transaction.atomic():
            document = PatientDocument(
                patient=patient,
                name=name,
                stored_as=stored_as,
                content_type=kind.content_type,
                size_bytes=len(content),
                digest=hashlib.sha256(content).hexdigest(),
                added_by=by,
            )
            document.id = _identity(patient, key) if key else document.id
            document.save(force_insert=True)
            record("patients.document.added", patient, by=by, after={"document": document, "bytes": len(content)})
    except BaseException:
        default_storage.delete(stored_as)
        raise
    tell(patient)
    return document


@transaction.atomic
def delete_document(document, *, by):
    """Take a document away from its patient; it can be brought back. Returns it. Records "patients.document.deleted".

    Raises PatientIsGone.
    """
    document = _locked(document)
    if document.deleted_at is None:
        document.deleted_at = timezone.now()
        document.save(update_fields=["deleted_at", "updated_at"])
        record("patients.document.deleted", document.patient, by=by, before={"document": document})
        tell(document.patient)
    return document


@transaction.atomic
def restore_document(document, *, by):
    """Bring back a document that was taken away; returns it. Records "patients.document.restored".

    Raises PatientIsGone, FileIsPurged once its file was removed.
    """
    document = _locked(document)
    if not document.stored_as:
        raise FileIsPurged
    if document.deleted_at is not None:
        document.deleted_at = None
        document.save(update_fields=["deleted_at", "updated_at"])
        record("patients.document.restored", document.patient, by=by, after={"document": document})
        tell(document.patient)
    return document


def open_document(document, *, by):
    """Open a document's file for reading, and write down who did. Records "patients.document.opened"."""
    record("patients.document.opened", document.patient, by=by, metadata={"document": document})
    return default_storage.open(document.stored_as)


def purge_documents(*, now):
    """Remove the files of what was deleted longer ago than it can be brought back; returns how many.

    The row stays and says that there was a document, without its file. Records "patients.document.purged" for each.
    """
    gone = PatientDocument.objects.select_related("patient").to_purge(now - KEPT_AFTER_DELETION)
    purged = list(gone.select_for_update(of=("self",), skip_locked=True).order_by("pk")[:AT_ONCE])
    for document in purged:
        remove_file(document)
        record("patients.document.purged", document.patient, by=SYSTEM, before={"document": document})
    return len(purged)


def remove_file(document):
    """Let go of a document's file, once the transaction stands."""
    stored_as, document.stored_as = document.stored_as, ""
    document.save(update_fields=["stored_as", "updated_at"])
    remove_files(stored_as)


def _identity(patient, key):
    return uuid.uuid5(patient.pk, f"document {key}")


def _present(patient):
    patient = lock_patient(patient)
    if patient.deleted_at:
        raise PatientIsGone
    return patient


def _locked(document):
    patient = _present(document.patient)
    rows = PatientDocument.objects.select_related("patient", "added_by").select_for_update(of=("self",))
    return rows.get(pk=document.pk, patient=patient)
