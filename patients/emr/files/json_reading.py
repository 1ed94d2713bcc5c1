"""Resources of a JSON file, one at a time: a bundle, a list, a single resource, or one to a line (NDJSON)."""

import codecs
import gzip
import json
import zlib
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils.translation import gettext as _

from clinics.tables.errors import DamagedFile, FileTooLarge

CHUNK = 1 << 20
MOST_UNPACKED = 1 << 30
LONGEST_RESOURCE = 16 << 20
SPACE = " \t\r\n"
DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class Unreadable:
    """A place in a file that is no resource: the line or number of it, and why."""

    place: int
    problem: str


def is_json(start):
    """Tell whether a file that begins with these bytes is meant as JSON."""
    return start.lstrip(codecs.BOM_UTF8 + b" \t\r\n")[:1] in (b"{", b"[")


def resources_in(binary):
    """Yield the resources of a JSON file, each a dict or an Unreadable; the file is never held whole.

    Raises DamagedFile where a packed file breaks off, FileTooLarge when it grows beyond a gigabyte.
    """
    with _unpacked(binary) as stream:
        first = stream.readline(LONGEST_RESOURCE)
        is_by_line = _parsed(first) is not None and bool(stream.readline(LONGEST_RESOURCE).strip())
    with _unpacked(binary) as stream:
        yield from _lines(stream) if is_by_line else _Document(stream).resources()


@contextmanager
def _unpacked(binary):
    binary.seek(0)
    is_packed = binary.read(2) == b"\x1f\x8b"
    binary.seek(0)
    stream = _Counted(gzip.GzipFile(fileobj=binary) if is_packed else binary)
    try:
        yield stream
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DamagedFile(_("This packed file breaks off or is damaged. Export it again.")) from error


class _Counted:
    """A stream that refuses to be larger than what a packed file may grow to."""

    def __init__(self, stream):
        self.stream, self.seen = stream, 0

    def readline(self, limit):
        return self._count(self.stream.readline(limit))

    def read(self, size):
        return self._count(self.stream.read(size))

    def _count(self, data):
        self.seen += len(data)
        if self.seen > MOST_UNPACKED:
            raise FileTooLarge(_("This file unpacks to more than a gigabyte. Split it."))
        return data


def _parsed(line):
    """A line as an object; None if it is none, or nested so deeply that nobody could have meant it."""
    try:
        value = json.loads(line.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _lines(stream):
    number = 0
    while line := stream.readline(LONGEST_RESOURCE):
        number += 1
        if not line.strip():
            continue
        resource = _parsed(line)
        yield Unreadable(number, _("no JSON object")) if resource is None else resource


class _Document:
    """One JSON document, taken apart at the top: the entries of a bundle are decoded one by one."""

    def __init__(self, stream):
        self.stream, self.decoder = stream, codecs.getincrementaldecoder("utf-8-sig")("replace")
        self.text, self.at, self.is_over, self.number = "", 0, False, 0

    def resources(self):
        try:
            start = self._peek()
            if start == "[":
                yield from self._items()
            elif start == "{":
                yield from self._bundle()
            else:
                yield Unreadable(1, _("no JSON"))
        except (ValueError, RecursionError) as error:
            yield Unreadable(self.number + 1, _("the JSON breaks off or is damaged (%(error)s)") % {"error": error})

    def _bundle(self):
        """The entries of a bundle as they come; any other object is the one resource itself."""
        whole, is_bundle = {}, False
        self.at += 1
        while self._peek() != "}":
            key = self._value()
            self._expect(":")
            if key == "entry" and self._peek() == "[":
                is_bundle = True
                yield from map(_of_entry, self._items())
            else:
                whole[key] = self._value()
            if self._peek() == ",":
                self.at += 1
        if not is_bundle and whole.get("resourceType") != "Bundle":
            yield whole

    def _items(self):
        self.at += 1
        while self._peek() != "]":
            self.number += 1
            value = self._value()
            yield value if isinstance(value, dict) else Unreadable(self.number, _("no JSON object"))
            if self._peek() == ",":
                self.at += 1
        self.at += 1

    def _peek(self):
        """The next character that means something. Raises ValueError at the end."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in SPACE:
                self.at += 1
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._more():
                raise ValueError("end of file")

    def _expect(self, character):
        if self._peek() != character:
            raise ValueError(f"{character} expected")
        self.at += 1

    def _value(self):
        """The value that begins here; reads on for as long as it is not whole."""
        self._peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self.text, self.at)
            except ValueError:
                if not self._more():
                    raise
                continue
            if end == len(self.text) and self._more():
                continue  # a number may go on
            self.at = end
            return value

    def _more(self):
        if self.is_over or len(self.text) - self.at > LONGEST_RESOURCE:
            return False
        data = self.stream.read(max(CHUNK, len(self.text) - self.at))
        self.is_over = not data
        self.text = self.text[self.at :] + self.decoder.decode(data, final=self.is_over)
        self.at = 0
        return bool(data)


def _of_entry(entry):
    """The resource of an entry of a bundle; without an id it is known by the entry's own address."""
    if isinstance(entry, Unreadable):
        return entry
    resource = entry.get("resource")
    if not isinstance(resource, dict):
        return Unreadable(0, _("an entry without a resource"))
    address = entry.get("fullUrl")
    if "id" not in resource and isinstance(address, str) and address.startswith("urn:"):
        return resource | {"id": address.rpartition(":")[2]}
    return resource
