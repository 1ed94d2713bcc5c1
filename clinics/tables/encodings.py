"""Which encoding a file is written in: by its mark, else UTF-8 if all of it is, else the likeliest of the rest."""

import codecs
import io
import re
from itertools import takewhile

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from clinics.tables.errors import NotATable, UnknownEncoding

CHUNK = 1 << 20
SAMPLE = 1 << 16
LONGEST_LINE = 4096  # that is looked at
MIXED = "utf-8+cp1252"
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CONTROL = re.compile(rb"[\x01-\x08\x0e-\x19\x1c-\x1f\x7f]")
HIGH_RUN = re.compile(rb"[\x80-\xff]+")
WESTERN = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØŒŠÙÚÛÜÝŸŽßàáâãäåæçèéêëìíîïñòóôõöøœšùúûüýÿž")
SIGNS = frozenset("€£¥§©®°±²³·»«¿¡‘’“”„‚–—…•™ªº´¨ \u00a0¼½¾")
OF_MANY_BYTES = frozenset({"cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "cp949"})
OTHERS = [
    "cp932",
    "euc_jp",
    "iso2022_jp",
    "gb18030",
    "big5",
    "cp949",
    "cp1251",
    "koi8_r",
    "cp1250",
    "iso8859_2",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp1257",
    "cp874",
    "mac_roman",
    "cp850",
]


def detect_encoding(chunks):
    """The name of a codec that decodes all of `chunks()`, a fresh iterator of bytes at each call.

    Raises NotATable for binary files and UnknownEncoding where no codec makes sense of the bytes.
    """
    head = next(chunks(), b"")[:SAMPLE]
    if encoding := _told_by(head):
        return _insist(encoding, chunks)
    refuse_binary_head(head)
    if any(b"\0" in chunk for chunk in chunks()):
        raise _not_a_text()
    if _decodes("utf-8", chunks):
        return "utf-8"
    sample = _telling_sample(chunks)
    if _mostly_utf8(sample):
        return MIXED
    for encoding in _likely(sample):
        if _decodes(encoding, chunks):
            return encoding
    raise UnknownEncoding(
        _("The letters of this file cannot be read. Save it again as “CSV UTF-8” and choose it once more.")
    )


def _western(error):
    """Letters that are not UTF-8 in a file that else is, as Windows writes them."""
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error("western", _western)


def open_text(stream, encoding):
    """A binary stream as text in one of the encodings that are found here."""
    if encoding == MIXED:
        return io.TextIOWrapper(stream, encoding="utf-8-sig", errors="western", newline="")
    return io.TextIOWrapper(stream, encoding=encoding, newline="")


def insist_on_encoding(encoding, chunks):
    """The same name, if it decodes all of `chunks()`. Raises UnknownEncoding."""
    if encoding == MIXED:
        return encoding
    if not _decodes(encoding, chunks):
        raise UnknownEncoding(_("These letters cannot be read as %(encoding)s.") % {"encoding": encoding.upper()})
    return encoding


def refuse_binary_head(head):
    """Raise NotATable for a file that is no text by its first bytes."""
    if not _told_by(head) and (b"\0" in head or len(CONTROL.findall(head)) > len(head) / 200):
        raise _not_a_text()


def _not_a_text():
    return NotATable(
        _("This is not a text file, whatever its name says. Export it as CSV or Excel and choose that file.")
    )


def _told_by(head):
    """The encoding that the first bytes alone tell, by their mark or by their zeros; None where they do not."""
    return next((encoding for mark, encoding in MARKS if head.startswith(mark)), None) or _unmarked_utf16(head)


def _unmarked_utf16(head):
    """UTF-16 without a mark shows as a zero in every second byte of its plain letters."""
    pairs = len(head) // 2
    if pairs < 2 or not head.count(0):
        return None
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        rest = head.count(0) - zeros.count(0)
        if zeros.count(0) > pairs * 0.4 and rest <= pairs * 0.02:
            return encoding
    return None


def _insist(encoding, chunks):
    if not _decodes(encoding, chunks):
        raise UnknownEncoding(
            _("The file begins as %(encoding)s and is damaged further on. Export it again.")
            % {"encoding": encoding.upper()}
        )
    return encoding


def _decodes(encoding, chunks):
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in chunks():
            if encoding.startswith(("utf-16", "utf-32")) and "\0" in decoder.decode(chunk):
                return False
            if not encoding.startswith(("utf-16", "utf-32")):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except (UnicodeDecodeError, UnicodeError):
        return False
    return True


def _telling_sample(chunks):
    """Up to 64 KB of the lines that hold more than plain ASCII, since only they tell the encoding."""
    sample, size = [], 0
    for chunk in chunks():
        for line in chunk.splitlines():
            if not line.isascii():
                sample.append(line[:LONGEST_LINE])
                size += len(sample[-1])
        if size > SAMPLE:
            break
    return b"\n".join(sample)[:SAMPLE]


def _mostly_utf8(sample):
    """Whether most lines of a sample are UTF-8: two exports were put together, or somebody has added to one."""
    lines = [line for line in sample.splitlines() if len(line) < LONGEST_LINE]
    good = sum(1 for line in lines if _is_utf8(line))
    return good > 0 and 2 * good >= len(lines)


def _is_utf8(line):
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _likely(sample):
    """Codecs to try, the likeliest first."""
    if _looks_western(sample):
        return ["cp1252", "latin-1"]
    matches = from_bytes(sample, cp_isolation=OTHERS, threshold=0.35)
    found = [match.encoding for match in takewhile(lambda match: match.chaos < 0.35, matches)]
    if found and found[0] not in OF_MANY_BYTES:
        found.sort(key=lambda encoding: (encoding in OF_MANY_BYTES, _odd_signs(sample, encoding)))
    return [*found, "cp1252", "latin-1"]


def _odd_signs(sample, encoding):
    """How many signs stand beside letters: a Polish name read as a Turkish one is “£ukasz”."""
    text = sample.decode(encoding, errors="replace")
    return sum(
        1
        for place, letter in enumerate(text)
        if not (letter.isascii() or letter.isalpha())
        and (text[place - 1 : place].isalpha() or text[place + 1 : place + 2].isalpha())
    )


def _looks_western(sample):
    """Accented letters stand alone among plain ones, and signs do not stand inside words."""
    runs = HIGH_RUN.findall(sample)
    if sum(map(len, runs)) > 1.5 * len(runs):
        return False
    text = sample.decode("cp1252", errors="replace")
    odd = sum(
        1
        for place, letter in enumerate(text)
        if not letter.isascii() and letter not in WESTERN and not (letter in SIGNS and not _inside_word(text, place))
    )
    return odd <= 0.05 * len(runs)


def _inside_word(text, place):
    return text[place - 1 : place].isalpha() and text[place + 1 : place + 2].isalpha() and text[place] not in "’´·"
