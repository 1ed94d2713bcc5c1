"""Photographs without what their camera wrote into them: place, owner, device. Pixels are copied, never computed.

Sources: ISO/IEC 10918-1, annex B (JPEG markers); the PNG specification, third edition, sections 5 and 11.
"""

import struct
import zlib

from clinics.documents.rules import NotWhatItSays, TooMuchInside

MOST_PIXELS = 80_000_000
PNG_START = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"}
START_OF_FRAME = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
# What a picture needs to be shown: APP0 (JFIF), APP2 (colour profile), APP14 (Adobe's colours), tables and frames.
JPEG_KEPT = START_OF_FRAME | {0xC4, 0xCC, 0xDB, 0xDD, 0xE0, 0xE2, 0xEE}
ORIENTATION = 0x0112


def clean_jpeg(content):
    """A JPEG without its metadata, but for which side is up; what stands behind its end is left out."""
    if not content.startswith(b"\xff\xd8\xff"):
        raise NotWhatItSays
    kept, at, turned, has_frame = [b"\xff\xd8"], 2, b"", False
    while True:
        marker, body = _segment(content, at)
        if marker == START_OF_SCAN:
            break
        if marker in START_OF_FRAME:
            _check_size(*struct.unpack(">HH", body[1:5].ljust(4, b"\0")))
            has_frame = True
        if marker == 0xE1 and body.startswith(b"Exif\0\0"):
            turned = turned or _only_orientation(body[6:])
        elif marker in JPEG_KEPT:
            kept.append(content[at : at + 4 + len(body)])
        at += 4 + len(body)
    if not has_frame:
        raise NotWhatItSays
    return b"".join([kept[0], turned, *kept[1:], content[at : _end_of_scans(content, at)]])


def _segment(content, at):
    if len(content) < at + 4 or content[at] != 0xFF or content[at + 1] in (0xFF, 0x00, END_OF_IMAGE):
        raise NotWhatItSays
    length = struct.unpack(">H", content[at + 2 : at + 4])[0]
    if length < 2 or at + 2 + length > len(content):
        raise NotWhatItSays
    return content[at + 1], content[at + 4 : at + 2 + length]


def _end_of_scans(content, at):
    """Where the picture ends: the first end marker outside of a segment; a progressive picture has several scans."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise NotWhatItSays
        marker = content[at + 1]
        if marker == END_OF_IMAGE:
            return at + 2
        if marker in (0x00, 0xFF) or 0xD0 <= marker <= 0xD7:
            at += 1 if marker == 0xFF else 2
        else:
            _marker, body = _segment(content, at)
            at += 4 + len(body)


def _only_orientation(tiff):
    """An Exif segment that holds nothing but which side is up, or nothing where the camera did not say."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return b""
    start = struct.unpack(order + "I", tiff[4:8])[0]
    if start + 2 > len(tiff):
        return b""
    count = struct.unpack(order + "H", tiff[start : start + 2])[0]
    for place in range(min(count, 200)):
        entry = tiff[start + 2 + 12 * place : start + 14 + 12 * place]
        if len(entry) == 12 and struct.unpack(order + "H", entry[:2])[0] == ORIENTATION:
            side = struct.unpack(order + "H", entry[8:10])[0]
            body = b"Exif\0\0MM\0\x2a" + struct.pack(">IHHHIHHI", 8, 1, ORIENTATION, 3, 1, side, 0, 0)
            return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body if 1 <= side <= 8 else b""
    return b""


def clean_png(content):
    """A PNG of the chunks that draw it; texts, times, Exif and what stands behind its end are left out."""
    if not content.startswith(PNG_START):
        raise NotWhatItSays
    kept, at = [PNG_START], len(PNG_START)
    while True:
        if at + 12 > len(content):
            raise NotWhatItSays
        length, name = struct.unpack(">I", content[at : at + 4])[0], content[at + 4 : at + 8]
        chunk = content[at : at + 12 + length]
        if len(chunk) < 12 + length or zlib.crc32(chunk[4:-4]) != struct.unpack(">I", chunk[-4:])[0]:
            raise NotWhatItSays
        if (name == b"IHDR") != (at == len(PNG_START)):
            raise NotWhatItSays
        if name == b"IHDR":
            _check_size(*struct.unpack(">II", chunk[8:16]))
        if name in PNG_KEPT:
            kept.append(chunk)
        at += len(chunk)
        if name == b"IEND":
            return b"".join(kept)


def _check_size(width, height):
    if not width or not height:
        raise NotWhatItSays
    if width * height > MOST_PIXELS:
        raise TooMuchInside
