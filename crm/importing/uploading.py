"""Taking a file in: stored at once under a name that nobody can guess, never served, and read as it deserves."""

import hashlib
from pathlib import PurePath
from uuid import uuid4

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.documents.removing import remove_files
from clinics.tables.glancing import glance_at
from clinics.tables.reading import LIMIT_BYTES, Reading
from crm.importing.kept_rows import remove_rows
from crm.importing.reading_in import read_in
from crm.importing.rules import ImportIsOver
from crm.importing.working import lock_import, refuse_if_at_work
from crm.models import LeadImport


def accept_upload(clinic, upload, *, by):
    """Keep an uploaded file and have it read, a large one in the background; returns the LeadImport.

    Records "crm.import.uploaded". Raises UnreadableFile, in the words of whoever chose the file, for one that is no
    table at a glance or is small and cannot be read; then nothing is kept.
    """
    glance_at(upload, limit_bytes=LIMIT_BYTES)
    digest = _digest(upload)
    stored_as = default_storage.save(f"imports/{clinic.pk}/{uuid4().hex}", upload)
    try:
        with transaction.atomic():
            return _create(clinic, upload, stored_as, digest, by=by)
    except BaseException:
        default_storage.delete(stored_as)
        raise


def _create(clinic, upload, stored_as, digest, *, by):
    lead_import = LeadImport.objects.create(
        clinic=clinic,
        file_name=PurePath(upload.name or _("Leads")).name[:255],
        stored_as=stored_as,
        size_bytes=upload.size,
        digest=digest,
        uploaded_by=by,
    )
    read_in(lead_import, Reading(), by=by)
    record("crm.import.uploaded", lead_import, by=by, after={"bytes": upload.size})
    return lead_import


def _digest(upload):
    upload.seek(0)
    digest = hashlib.file_digest(upload, "sha256").hexdigest()
    upload.seek(0)
    return digest


@transaction.atomic
def save_mapping(lead_import, *, mapping, options, by):
    """Keep what the columns mean and how to import; what was tried out before no longer counts. Returns the import.

    Records "crm.import.mapped". Raises ImportIsAtWork, ImportIsOver.
    """
    lead_import = lock_import(lead_import)
    if refuse_if_at_work(lead_import, by=by):
        return lead_import
    if not lead_import.may_be_mapped:
        raise ImportIsOver
    before = {"mapping": lead_import.mapping}
    lead_import.mapping, lead_import.options = mapping, options.as_json()
    lead_import.status = LeadImport.Status.UPLOADED
    lead_import.save()
    record("crm.import.mapped", lead_import, by=by, before=before, after={"mapping": mapping})
    return lead_import


@transaction.atomic
def discard_upload(lead_import, *, by):
    """Take away an upload of which nothing has been imported, with its file.

    Records "crm.import.deleted". Raises ImportIsAtWork, ImportIsOver.
    """
    lead_import = lock_import(lead_import)
    if refuse_if_at_work(lead_import, by=by) or not lead_import.is_open:
        raise ImportIsOver
    record("crm.import.deleted", lead_import, by=by, before={"file": lead_import.file_name})
    stored_as = lead_import.stored_as
    lead_import.delete()
    remove_rows(lead_import)
    remove_files(stored_as)
