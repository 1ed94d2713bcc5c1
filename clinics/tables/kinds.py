"""What kind of file it is, by its first bytes, and whether it is one that can be read at all."""

import io

from django.utils.translation import gettext as _

from clinics.tables.errors import FileIsEmpty, FileTooLarge, NotATable

EXCEL = "xlsx"
MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", EXCEL),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"%PDF", "pdf"),
)
WEB_PAGES = (b"<html", b"<!doctype", b"<table", b"<head", b"<meta", b"<style", b"<body", b"<?xml")


def check_size(binary, limit_bytes):
    size = binary.seek(0, io.SEEK_END)
    size = binary.tell() if size is None else size
    binary.seek(0)
    if size == 0:
        raise FileIsEmpty(_("This file is empty."))
    if size > limit_bytes:
        raise too_large(limit_bytes)


def too_large(limit_bytes):
    return FileTooLarge(
        _("This file is larger than %(limit)d MB. Split it and import the parts one after the other.")
        % {"limit": limit_bytes // (1024 * 1024)}
    )


def kind_of(binary):
    head = binary.read(8)
    binary.seek(0)
    return next((kind for magic, kind in MAGIC if head.startswith(magic)), "text")


def refuse_markup(binary):
    """Raise NotATable for a web page that other systems write as their “Excel” file."""
    head = binary.read(2048).replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    binary.seek(0)
    if head.startswith(WEB_PAGES):
        raise NotATable(
            _("This is a web page that calls itself a table. Open it in Excel and save it as .xlsx or CSV first.")
        )


def refuse_kind(kind):
    if kind == "xls":
        raise NotATable(
            _("This is an old Excel file (.xls), or one with a password. Save it as .xlsx or CSV without one.")
        )
    if kind == "pdf":
        raise NotATable(_("This is a PDF. Export it as CSV or Excel and choose that file."))
