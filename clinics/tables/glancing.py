"""A first look at a file that somebody chose: what its first bytes and its list of contents tell, and no more."""

from dataclasses import dataclass

from clinics.tables.encodings import SAMPLE, refuse_binary_head
from clinics.tables.kinds import EXCEL, check_size, kind_of, refuse_kind, refuse_markup
from clinics.tables.workbook import check_workbook

AT_ONCE_BYTES = 512 * 1024  # of text, or of the XML of a workbook: read in less time than a page takes


@dataclass(frozen=True)
class Glance:
    """The kind of a file, and how many bytes it holds unpacked where that is said without unpacking it."""

    kind: str
    unpacked_bytes: int | None

    @property
    def is_small(self):
        """Whether all of it can be read while somebody waits for the answer."""
        return self.unpacked_bytes is not None and self.unpacked_bytes <= AT_ONCE_BYTES


def glance_at(binary, *, limit_bytes):
    """The Glance of a file of at most `limit_bytes`.

    Raises UnreadableFile for one whose beginning shows that it is no table, in words for the person who chose it.
    """
    check_size(binary, limit_bytes)
    kind = kind_of(binary)
    refuse_kind(kind)
    refuse_markup(binary)
    if kind == EXCEL:
        return Glance(kind, check_workbook(binary, limit_bytes=limit_bytes))
    if kind == "gzip":
        return Glance(kind, None)
    binary.seek(0)
    refuse_binary_head(binary.read(SAMPLE))
    size = binary.seek(0, 2)
    size = binary.tell() if size is None else size
    binary.seek(0)
    return Glance(kind, size)
