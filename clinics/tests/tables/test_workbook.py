"""Workbooks: what a sheet holds beside plain rows is told, never dropped."""

import datetime as dt
import io
import re
import zipfile

import pytest
from openpyxl import Workbook

from clinics.tables.errors import DamagedFile, NotATable
from clinics.tables.quotation import rows_run_together
from clinics.tables.reading import Reading, read_table


def packed(book):
    content = io.BytesIO()
    book.save(content)
    return content


@pytest.fixture
def book():
    """Three people; the source is one cell over all of them, and the last cells of a row are not there."""
    book = Workbook()
    for row in (["Name", "Phone", "Source", "Notes"], ["Ana", "1", "Fair", "Hi"], ["Ben", "2"], ["Cy", "3"]):
        book.active.append(row)
    book.active.merge_cells("C2:C4")
    return book


def test_a_cell_merged_over_rows_counts_for_each_and_short_rows_are_whole(book):
    table = read_table(packed(book))

    assert [row.cells for row in table.rows] == [
        ("Ana", "1", "Fair", "Hi"),
        ("Ben", "2", "Fair", ""),
        ("Cy", "3", "Fair", ""),
    ]
    assert not any(row.problem for row in table.rows)
    assert table.notices == ("Cells that are merged over several rows count for each of these rows: C2:C4.",)


def rewritten(content, *added, **changes):
    """The same workbook with parts added, or changed: {end of a name: a function of its bytes}."""
    written = io.BytesIO()
    with zipfile.ZipFile(content) as before, zipfile.ZipFile(written, "w") as after:
        for name in before.namelist():
            change = next((change for end, change in changes.items() if end in name), bytes)
            after.writestr(name, change(before.read(name)))
        for name, text in added:
            after.writestr(name, text)
    return written


def test_a_workbook_is_understood_without_going_through_its_sheets(book):
    for number in range(200):
        book.active.append([f"Ana {number}", "1"])

    def broken_off_and_of_no_stated_size(content):
        head, _dimension, rest = content.partition(b'<dimension ref="A1:D204" />')
        assert rest
        return head + rest[: len(rest) // 2]

    table = read_table(rewritten(packed(book), sheet1=broken_off_and_of_no_stated_size))
    assert table.headers == ("Name", "Phone", "Source", "Notes")
    with pytest.raises(DamagedFile):
        list(table.rows)


STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
USUAL = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def test_a_workbook_of_another_program_is_read_whatever_its_styles_and_its_namespace(book):
    entry = "<si><r><t>H</t></r><r><t>i_x000A_you_x0007_</t></r><rPh><t>HAI</t></rPh></si>"
    texts = f'<sst xmlns="{STRICT.decode()}">{entry}</sst>'
    cell = b'<c r="D2" t="inlineStr"><is><t>Hi</t></is></c>'
    book.active["E1"], book.active["E2"] = "Date", dt.date(2026, 3, 14)
    book.active["E3"].number_format, book.active["E3"] = "yyyy-mm-dd", 1_000_000_000

    file = rewritten(
        packed(book),
        ("xl/sharedStrings.xml", texts),
        **{
            "xl/workbook.xml": lambda content: content.replace(USUAL, STRICT),
            "styles": lambda content: re.sub(
                b"<fills.*</fills>", b"<fills><fill/></fills>", content.replace(USUAL, STRICT)
            ),
            "sheet1": lambda content: content.replace(cell, b'<c r="D2" t="s"><v>0</v></c>').replace(USUAL, STRICT),
        },
    )
    assert [row.cells[3:] for row in read_table(file).rows] == [("Hi\nyou", "2026-03-14"), ("", "1000000000"), ("", "")]


def test_a_workbook_that_declares_entities_is_refused(book):
    def evil(content):
        return b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + content

    with pytest.raises(DamagedFile):
        read_table(rewritten(packed(book), sheet1=evil))


@pytest.mark.parametrize(
    "names, words",
    [
        (["mimetype", "content.xml"], "OpenDocument"),
        (["Index/Document.iwa"], "Numbers"),
        (["leads.csv"], "Unpack it"),
    ],
)
def test_a_zip_that_is_no_workbook_is_called_what_it_is(names, words):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    with pytest.raises(NotATable, match=words):
        read_table(file)


def test_a_workbook_with_a_password_or_with_broken_parts_is_refused_in_words(book):
    plain = packed(book).getvalue()
    locked, broken = bytearray(plain), bytearray(plain)
    at = plain.find(b"PK\x01\x02")
    while at >= 0:
        locked[at + 8] |= 1
        at = plain.find(b"PK\x01\x02", at + 1)
    sheet = plain.find(b"xl/worksheets/sheet1.xml") + len("xl/worksheets/sheet1.xml")
    broken[sheet : sheet + 40] = b"\xff" * 40

    with pytest.raises(NotATable, match="has a password"):
        read_table(io.BytesIO(locked))
    with pytest.raises(DamagedFile):
        list(read_table(io.BytesIO(broken)).rows)


def test_sheets_that_are_not_read_are_named(book):
    book.active.title = "Leads"
    book.create_sheet("Empty")
    book.create_sheet("Archive").append(["Dora", "4"])

    assert "Only the sheet “Leads” is read. Not read: “Archive”." in read_table(packed(book)).notices


def test_a_sheet_is_chosen_and_a_hidden_one_never_comes_first(book):
    book.active.title, book.active.sheet_state = "Lists", "hidden"
    for row in (["Name", "Phone"], ["Dora", "4"]):
        (book["Leads"] if "Leads" in book.sheetnames else book.create_sheet("Leads")).append(row)
    file = packed(book)

    usual, chosen = read_table(file), read_table(file, reading=Reading(sheet="Lists"))
    assert (usual.sheets, usual.sheet, [row.cells for row in usual.rows]) == (
        ("Leads", "Lists"),
        "Leads",
        [("Dora", "4")],
    )
    assert (chosen.sheet, len(list(chosen.rows))) == ("Lists", 3)
    assert read_table(file, reading=Reading(sheet="Gone")).sheet == "Leads"


def test_headings_below_a_row_of_groups_are_found(book):
    book.active.unmerge_cells("C2:C4")
    book.active.insert_rows(1, amount=2)
    book.active["A1"], book.active["A2"], book.active["C2"] = "Export of May", "Person", "Rest"

    table = read_table(packed(book))

    assert (table.headers, table.header_line) == (("Name", "Phone", "Source", "Notes"), 3)
    assert table.notices == ("Above the table, and not read: “Export of May · Person Rest”.",)


@pytest.mark.parametrize(
    ("cells", "width", "count"),
    [
        (['Ana,Vega,1\nBen,Ruiz,2\nCarl"', "Sol", "3"], 3, 3),
        (["Ana", 'Hello\nBen,"Hi', "x"], 3, 0),
        (["Ana", 'Hello, you\nsaid "yes"', "3"], 3, 2),
        (["Ana", "1", 'First line\nsecond "line", with a comma'], 3, 0),
        (["Ana", "1", "two\nlines"], 3, 0),
    ],
)
def test_rows_that_an_open_quotation_mark_drew_into_one_are_told(cells, width, count):
    assert rows_run_together(cells, ",", width) == count
