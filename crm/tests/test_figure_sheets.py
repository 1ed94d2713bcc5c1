"""The same figures for people, for letters and for spreadsheets."""

from types import SimpleNamespace

import pytest
from django_scopes import scope

from crm.figures.sheets import PLAIN, WRITTEN, Column, Sheet


@pytest.mark.parametrize(
    ("kind", "value", "page", "file"),
    [
        ("share", 0.898, "90%", 0.898),
        ("days", 10.96, "11.0 d", 10.96),
        ("days", 2, "2 d", 2),
        ("decimal", 21.37, "21.4", 21.37),
        ("return", 1.6667, "+167%", 1.6667),
        ("return", -0.285, "−29%", -0.285),
        ("minutes", 3.2, "3:12", 3.2),
        ("minutes", 458, "7.6 h", 458),
        ("money", 170_217.4, "$1,702.17", "1702.17"),
    ],
)
def test_the_page_rounds_what_the_file_tells(kind, value, page, file):
    assert (WRITTEN[kind](value), PLAIN[kind](value)) == (page, file)


def test_a_file_says_in_what_its_columns_count():
    sheet = Sheet(
        (Column("Stage", "text"), Column("Half", "days"), Column("Answer", "minutes"), Column("Spent", "money")), ()
    )

    with scope(clinic=SimpleNamespace(currency="MXN")):
        assert sheet.header == ["Stage", "Half (days)", "Answer (minutes)", "Spent (MXN)"]
    assert [column.label for column in sheet.table().columns] == ["Stage", "Half", "Answer", "Spent"]


def test_a_letter_leaves_out_what_is_aside_and_the_file_nothing():
    columns = (Column("Source", "text"), Column("Kind", "text", is_aside=True), Column("Leads"))
    sheet = Sheet(columns, (("Radio", "Advert", 3),), ("All", "", 3))

    assert sheet.narrow_table().rows == (("Radio", "3"), ("All", "3"))
    assert [column.label for column in sheet.narrow_table().columns] == ["Source", "Leads"]
    assert (sheet.header, sheet.plain_rows()[0]) == (["Source", "Kind", "Leads"], ("Radio", "Advert", 3))
