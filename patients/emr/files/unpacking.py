"""A ZIP among the uploaded files: its FHIR files and tables are taken as if they had been uploaded by themselves.

What a packed file says of its own size is not believed: what comes out of it is counted.
"""

import zipfile
import zlib
from contextlib import contextmanager
from pathlib import PurePosixPath
from tempfile import TemporaryFile

from django.core.files import File
from django.utils.translation import gettext as _

from clinics.tables.errors import DamagedFile, FileTooLarge, NotATable

MOST_FILES = 200
MOST_UNPACKED = 1 << 30
MOST_PACKED = 200  # times smaller than what comes out of it; tables and JSON stay below 50
CHUNK = 1 << 20
WORTH = (".json", ".ndjson", ".csv", ".tsv", ".txt", ".xlsx", ".gz")


def is_archive(upload):
    """Tell whether a file is a ZIP of files, and not a workbook, which is a ZIP, too."""
    upload.seek(0)
    is_zip = upload.read(4) == b"PK\x03\x04"
    upload.seek(0)
    if not is_zip:
        return False
    with _opened(upload) as archive:
        return "[content_types].xml" not in {name.lower() for name in archive.namelist()}


def files_in(upload):
    """Yield the files of a ZIP, one after the other, each open for as long as it is looked at.

    Left out are folders, hidden files and what is no table and no FHIR by its name. Raises DamagedFile for a ZIP that
    is damaged or wants a password, FileTooLarge for one that holds too much, NotATable when nothing in it can be read.
    """
    with _opened(upload) as archive:
        wanted = [info for info in archive.infolist() if _is_worth_it(info)]
        if not wanted:
            raise NotATable(_("Nothing in this ZIP is FHIR (JSON, NDJSON) or a table."))
        if len(wanted) > MOST_FILES:
            raise FileTooLarge(_("This ZIP holds more than %(n)s files. Split it.") % {"n": MOST_FILES})
        if any(info.flag_bits & 1 for info in wanted):
            raise DamagedFile(_("This ZIP wants a password. Pack it without one."))
        left = min(MOST_UNPACKED, MOST_PACKED * max(upload.size, CHUNK))
        for info in wanted:
            with TemporaryFile() as unpacked:
                left -= _unpack(archive, info, unpacked, left)
                unpacked.seek(0)
                yield File(unpacked, name=PurePosixPath(info.filename).name)


@contextmanager
def _opened(upload):
    upload.seek(0)
    try:
        with zipfile.ZipFile(upload) as archive:
            yield archive
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, zlib.error) as error:
        raise DamagedFile(_("This packed file breaks off or is damaged. Export it again.")) from error


def _is_worth_it(info):
    path = PurePosixPath(info.filename.replace("\\", "/"))
    is_hidden = any(part.startswith((".", "__")) for part in path.parts)
    return not info.is_dir() and not is_hidden and path.suffix.lower() in WORTH and info.file_size > 0


def _unpack(archive, info, target, most):
    """Write one file of a ZIP out; returns its size in bytes. Raises FileTooLarge beyond `most`."""
    size = 0
    with archive.open(info) as source:
        while data := source.read(CHUNK):
            size += len(data)
            if size > most:
                raise FileTooLarge(_("This ZIP unpacks to far more than it says. Unpack it and upload its files."))
            target.write(data)
    return size
