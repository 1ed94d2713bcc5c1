"""Headings in two lines: the groups above tell columns of one name apart."""

import io

from clinics.tables.reading import read_table


def test_equal_headings_are_told_apart_by_the_groups_above_them():
    table = read_table(
        io.BytesIO(b",Mother,,Father,\nName,Name,Phone,Name,Phone\nKim,Ana,1,Ben,2\nName,Name,Phone,Name,Phone\n")
    )
    assert table.headers == ("Name", "Mother / Name", "Mother / Phone", "Father / Name", "Father / Phone")
    assert [words.partition(":")[0] for words in table.notices] == [
        "Columns of one name are told apart by the group above them"
    ]
    alone = read_table(io.BytesIO(b"Clinic list 2026,,\nName,Phone,Phone\nKim,1,2\n"))
    assert alone.headers == ("Name", "Phone", "Phone (2)")
