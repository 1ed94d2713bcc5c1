"""Taking files in: recognised before anything is kept, stored under names that nobody can guess, never served."""

import hashlib
from collections import Counter
from uuid import uuid4

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.documents.removing import remove_files
from clinics.tables.errors import NotATable, UnreadableFile
from patients.emr.files.recognising import Part, count_types, recognise
from patients.emr.files.rules import FileAtWork, FileIsOver, NoColumns
from patients.emr.files.tables import IGNORE
from patients.emr.files.unpacking import files_in, is_archive
from patients.models import EmrFile

AT_ONCE = 200
COUNTED_AT_ONCE = 2 * 1024 * 1024  # unpacked; what is more is counted by its trial, in the background
PACKED, UNPACKED_FACTOR = (b"PK\x03\x04", b"\x1f\x8b"), 10


def accept_files(clinic, uploads, *, by, connection=None, winner="ASK"):
    """Recognise uploaded files and keep them as one EmrFile; returns it. `winner` decides where both know something.

    Of a ZIP its files are kept. What large ones hold is counted later, by their trial. Records
    "patients.emr_file.uploaded". Raises UnreadableFile for the first that cannot be read; nothing is kept then.
    """
    parts, counts, digest, kept, weight = [], Counter(), hashlib.sha256(), [], 0
    try:
        for upload, part in _recognised(uploads[:AT_ONCE]):
            weight += _weight_of(upload, part)
            if weight <= COUNTED_AT_ONCE:
                counts += count_types(part, upload, region=clinic.phone_region)
            upload.seek(0)
            for chunk in upload.chunks():
                digest.update(chunk)
            part.stored_as = default_storage.save(f"emr/{clinic.pk}/{uuid4().hex}", upload)
            kept.append(part.stored_as)
            parts.append(part)
        if weight > COUNTED_AT_ONCE:
            counts.clear()
        with transaction.atomic():
            return _create(clinic, parts, counts, digest.hexdigest(), connection, winner, by=by)
    except BaseException:
        for name in kept:
            default_storage.delete(name)
        raise


def _weight_of(binary, part):
    """About how many bytes a part holds unpacked."""
    binary.seek(0)
    return part.size * (UNPACKED_FACTOR if binary.read(4).startswith(PACKED) else 1)


def _recognised(uploads):
    """Yield each uploaded file, or each file of an uploaded ZIP, with the Part that it is.

    A ZIP may hold more than what is wanted, such as the allergies of Synthea: what cannot be read in it is left out,
    as long as something can.
    """
    for upload in uploads:
        if not is_archive(upload):
            yield upload, recognise(upload)
            continue
        found = 0
        for unpacked in files_in(upload):
            try:
                part = recognise(unpacked)
            except UnreadableFile:
                continue
            if part.needs_columns and not any(column != IGNORE for column in part.columns):
                continue
            found += 1
            yield unpacked, part
        if not found:
            raise NotATable(_("Nothing in this ZIP is FHIR (JSON, NDJSON) or a table."))


def _create(clinic, parts, counts, digest, connection, winner, *, by):
    emr_file = EmrFile.objects.create(
        clinic=clinic,
        name=parts[0].name if len(parts) == 1 else f"{parts[0].name} +{len(parts) - 1}",
        parts=[part.as_json() for part in parts],
        digest=digest,
        size_bytes=sum(part.size for part in parts),
        connection=connection,
        winner=winner,
        recognised=dict(counts),
        uploaded_by=by,
    )
    record("patients.emr_file.uploaded", emr_file, by=by, after={"recognised": dict(counts)})
    return emr_file


@transaction.atomic
def map_columns(emr_file, columns, *, by):
    """Say what the columns of the tables hold: for each part that needs it, a list of targets. Returns the file.

    Records "patients.emr_file.mapped". Raises FileAtWork, FileIsOver, NoColumns when a table would name nobody.
    """
    emr_file = EmrFile.objects.select_for_update().get(pk=emr_file.pk)
    if emr_file.is_at_work:
        raise FileAtWork
    if not emr_file.may_be_mapped:
        raise FileIsOver
    parts, counts, weight = [Part.of(facts) for facts in emr_file.parts], Counter(), 0
    for part, chosen in zip(parts, columns, strict=True):
        if part.needs_columns:
            if not set(chosen) & {"first_name", "last_name", "full_name", "phone", "email"}:
                raise NoColumns
            part.columns = chosen
        with default_storage.open(part.stored_as, "rb") as binary:
            weight += _weight_of(binary, part)
            if weight <= COUNTED_AT_ONCE:
                counts += count_types(part, binary, region=emr_file.clinic.phone_region)
    if weight > COUNTED_AT_ONCE:
        counts.clear()
    emr_file.parts, emr_file.recognised = [part.as_json() for part in parts], dict(counts)
    emr_file.status = EmrFile.Status.UPLOADED
    emr_file.save()
    record("patients.emr_file.mapped", emr_file, by=by, after={"columns": columns})
    return emr_file


@transaction.atomic
def discard_file(emr_file, *, by):
    """Take an upload away that was not imported. Records "patients.emr_file.discarded". Raises as map_columns does."""
    emr_file = EmrFile.objects.select_for_update().get(pk=emr_file.pk)
    if emr_file.is_at_work:
        raise FileAtWork
    if not emr_file.may_be_mapped:
        raise FileIsOver
    names = [facts["stored_as"] for facts in emr_file.parts]
    record("patients.emr_file.discarded", emr_file, by=by)
    emr_file.runs.filter(is_trial=True).delete()
    emr_file.delete()
    remove_files(*names)
