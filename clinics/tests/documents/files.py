"""Files of every kind, made by the tests: honest ones, and a corpus of those that only pretend."""

import io
import struct
import zipfile
import zlib

EXIF_PLACE = b"GPSLatitude 41.8781 Canon EOS of Dr. Secret"
HTML = b"<html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


def segment(marker, body):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def exif(side=6):
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, side, 0)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0) + EXIF_PLACE


def jpeg(*, width=4, height=4, meta=b"", behind=b""):
    frame = segment(0xC0, b"\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00")
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"
    tables = segment(0xDB, b"\x00" + bytes(64)) + segment(0xC4, b"\x00" + bytes(16))
    return (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
        + meta
        + tables
        + frame
        + scan
        + b"\xff\xd9"
        + behind
    )


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(*, width=1, height=1, meta=b"", behind=b""):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + header + meta + pixels + chunk(b"IEND", b"") + behind


def office(main="word/document.xml", parts=(), *, fill=b"<w:document/>"):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("[Content_Types].xml", "<Types/>")
        if main:
            out.writestr(main, fill)
        for name, content in parts:
            out.writestr(name, content)
    return whole.getvalue()


def honest():
    """(name, content) of files that are kept."""
    return [
        ("plan.pdf", PDF),
        ("smile.jpg", jpeg()),
        ("smile.JPEG", jpeg(meta=segment(0xE1, exif()))),
        ("x-ray.png", png()),
        ("letter.docx", office()),
        ("prices.xlsx", office("xl/workbook.xml")),
        ("notes.txt", "Ñandú pays in March\n".encode()),
        ("old notes.txt", "Señora Núñez".encode("cp1252")),
    ]


def hostile():
    """(name, content) of files that must be refused, one trick each."""
    zipped = office(None, [("readme.txt", "hi")])
    return [
        ("page.html", HTML),
        ("page.htm", HTML),
        ("drawing.svg", SVG),
        ("drawing.svgz", SVG),
        ("page.xhtml", HTML),
        ("run.exe", b"MZ\x90\0"),
        ("run.js", b"alert(1)"),
        ("run.bat", b"del *"),
        ("macro.docm", office(parts=[("word/vbaProject.bin", b"x")])),
        ("many.zip", zipped),
        ("photo.gif", b"GIF89a"),
        ("photo.heic", b"\0\0\0\x18ftypheic"),
        ("noextension", PDF),
        ("plan.pdf.exe", b"MZ"),
        ("plan.pdf\u202efdp.exe", b"MZ"),
        ("page.pdf", HTML),
        ("page.jpg", HTML),
        ("page.png", HTML),
        ("page.docx", HTML),
        ("page.txt", HTML),
        ("drawing.txt", SVG),
        ("drawing.png", SVG),
        ("binary.txt", b"MZ\0\0"),
        ("script.txt", b"#!/bin/sh\nrm -rf /"),
        ("late.txt", b"hello <SCRIPT>alert(1)</SCRIPT>"),
        ("padded.pdf", HTML + PDF),
        ("both.pdf", PDF + zipped),
        ("endless.pdf", PDF + b"A" * 5000),
        ("open.pdf", b"%PDF-1.7\nnothing more"),
        ("macro.docx", office(parts=[("word/vbaProject.bin", b"x")])),
        ("control.docx", office(parts=[("word/activeX/activeX1.xml", b"x")])),
        ("climbing.docx", office(parts=[("../../etc/passwd", b"x")])),
        ("bomb.docx", office(fill=b"\0" * (30 * 1024 * 1024))),
        ("crowd.docx", office(parts=[(f"word/{n}.xml", b"") for n in range(5001)])),
        ("sheet.docx", office("xl/workbook.xml")),
        ("plain zip.xlsx", zipped),
        ("broken.docx", b"PK\x03\x04broken"),
        ("bomb.png", png(width=60000, height=60000)),
        ("bomb.jpg", jpeg(width=60000, height=60000)),
        ("forged.png", png()[:40] + b"\xff\xff" + png()[42:]),
        ("cut.png", png()[:-20]),
        ("cut.jpg", jpeg()[:60]),
        ("flat.jpg", jpeg(height=0)),
        ("empty.pdf", b""),
    ]
