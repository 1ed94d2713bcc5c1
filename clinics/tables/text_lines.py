"""The text of a file as lines, read in pieces: packed or not, and never more of it than may be unpacked."""

import gzip
import io
import zlib

from django.utils.translation import gettext as _

from clinics.tables.encodings import CHUNK, open_text
from clinics.tables.errors import DamagedFile, NotATable
from clinics.tables.kinds import kind_of, too_large

LONGEST_LINE = 1 << 20


def chunks_of(binary, limit_bytes):
    """The unpacked bytes from the start, in pieces. Raises FileTooLarge as soon as there are more than the limit."""
    binary.seek(0)
    packed = kind_of(binary) == "gzip"
    stream = gzip.GzipFile(fileobj=binary) if packed else binary
    seen = 0
    try:
        while chunk := stream.read(CHUNK):
            seen += len(chunk)
            if seen > limit_bytes:
                raise too_large(limit_bytes)
            yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DamagedFile(_("This packed file breaks off or is damaged. Export it again.")) from error


class _ChunkStream(io.RawIOBase):
    """Chunks as a file, for the decoder to read from."""

    def __init__(self, chunks):
        self.chunks, self.rest = chunks, b""

    def readable(self):
        return True

    def readinto(self, buffer):
        self.rest = self.rest or next(self.chunks, b"")
        taken, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


class Lines:
    """Lines of text with their ends, counted; knows whether the reader has asked for more than there are."""

    def __init__(self, binary, encoding, limit_bytes):
        stream = io.BufferedReader(_ChunkStream(chunks_of(binary, limit_bytes)), CHUNK)
        self.text = open_text(stream, encoding)
        self.number, self.is_over = 0, False

    def __iter__(self):
        return self

    def __next__(self):
        line = self.text.readline(LONGEST_LINE)
        if not line:
            self.is_over = True
            raise StopIteration
        if len(line) == LONGEST_LINE:
            raise NotATable(_("Line %(line)d is endless: this is not a table.") % {"line": self.number + 1})
        self.number += 1
        return line
