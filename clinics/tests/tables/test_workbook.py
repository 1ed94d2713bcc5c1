"""Workbooks: what a sheet holds beside plain rows is told, never dropped."""

import io

import pytest
from openpyxl import Workbook

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
