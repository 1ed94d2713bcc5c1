"""What is taken in as a document: its name, its kind and its cleaned content; and how it is kept and handed out."""

import re
import unicodedata
import uuid
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from clinics.documents.kinds import kind_of
from clinics.documents.rules import EmptyFile, TooLarge

MOST_BYTES = 20 * 1024 * 1024
MOST_DOCUMENTS = 200
LONGEST_NAME = 120
# What somebody uploaded has no rights at all, should a browser show it after all.
NOTHING_RUNS = (
    "default-src 'none'; script-src 'none'; style-src 'none'; object-src 'none'; base-uri 'none';"
    " frame-ancestors 'none'; sandbox"
)


def read_document(upload):
    """The name, kind and cleaned content of an upload. Raises FileRefused."""
    name = safe_name(upload.name or "")
    kind = kind_of(name)
    if upload.size > MOST_BYTES:
        raise TooLarge
    content = upload.read(MOST_BYTES + 1)
    if not content:
        raise EmptyFile
    return name, kind, kind.clean(content)


def safe_name(name):
    """A file's name without a path, control characters or marks that turn the writing round; never too long."""
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    shown = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    path = PurePosixPath(re.sub(r'[<>:"|?*]', "_", shown).strip(" .") or "document")
    return path.stem[: LONGEST_NAME - len(path.suffix)].rstrip(" .") + path.suffix


def keep_file(clinic_id, content):
    """Write a file under a name that nobody can guess; returns the name."""
    return default_storage.save(f"documents/{clinic_id}/{uuid.uuid4().hex}", ContentFile(content))


def download(document, file):
    """A document as an answer: downloaded, never shown inside the browser."""
    with file:
        response = HttpResponse(file.read(), content_type=document.content_type)
    response["Content-Disposition"] = content_disposition_header(True, document.name)
    response["Content-Security-Policy"] = NOTHING_RUNS
    response["Cache-Control"] = "private, no-store"
    return response
