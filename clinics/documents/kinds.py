"""What kinds of file are kept, each told by its name and its content alike: neither is believed alone."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath

from clinics.documents.images import clean_jpeg, clean_png
from clinics.documents.rules import HoldsProgram, KindRefused, NotWhatItSays, TooMuchInside

MOST_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 5000
MOST_PACKED = 200  # times smaller than what comes out of it; a real document stays below 100
MARKUP = (b"<", b"%!", b"#!", b"{\\rtf", b"MZ", b"PK", b"%PDF")


@dataclass(frozen=True)
class Kind:
    """A kind of file; `clean` takes the bytes and returns those that are kept, or raises a FileRefused."""

    content_type: str
    clean: Callable


def kind_of(name):
    """The Kind that a file's name says it is. Raises KindRefused."""
    kind = KINDS.get(PurePosixPath(name).suffix.lower())
    if kind is None:
        raise KindRefused
    return kind


def clean_pdf(content):
    """A PDF from its first byte to its last: nothing before it, nothing appended that another program would open."""
    end = content.rfind(b"%%EOF")
    is_whole = content.startswith(b"%PDF-") and end >= 0 and len(content) - end <= 1024
    if not is_whole or zipfile.is_zipfile(BytesIO(content)):
        raise NotWhatItSays
    return content


def clean_text(content):
    """Plain text that no program would take for anything else."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text or text.lstrip().encode().startswith(MARKUP) or "<script" in text.lower():
        raise NotWhatItSays
    return content


def clean_word(content):
    return _clean_office(content, "word/document.xml")


def clean_excel(content):
    return _clean_office(content, "xl/workbook.xml")


def _clean_office(content, main_part):
    """An office document: a ZIP that starts and ends as one, of the right kind, without macros, of a bearable size."""
    if not content.startswith(b"PK\x03\x04"):
        raise NotWhatItSays
    try:
        with zipfile.ZipFile(BytesIO(content)) as parts:
            infos = parts.infolist()
            is_complete = parts.start_dir > 0 and not parts.comment
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise NotWhatItSays from None
    names = {info.filename.replace("\\", "/").lower() for info in infos}
    unpacked = sum(info.file_size for info in infos)
    if len(infos) > MOST_PARTS or unpacked > MOST_UNPACKED or unpacked > MOST_PACKED * len(content):
        raise TooMuchInside
    if main_part not in names or "[content_types].xml" not in names or not is_complete:
        raise NotWhatItSays
    if any(info.flag_bits & 1 or ".." in PurePosixPath(info.filename).parts for info in infos):
        raise NotWhatItSays
    if any(name.endswith(("vbaproject.bin", ".exe", ".dll", ".js", ".vbs")) or "/activex/" in name for name in names):
        raise HoldsProgram
    return content


KINDS = {
    ".pdf": Kind("application/pdf", clean_pdf),
    ".jpg": Kind("image/jpeg", clean_jpeg),
    ".jpeg": Kind("image/jpeg", clean_jpeg),
    ".png": Kind("image/png", clean_png),
    ".docx": Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", clean_word),
    ".xlsx": Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", clean_excel),
    ".txt": Kind("text/plain", clean_text),
}
ACCEPT = ",".join(KINDS)
