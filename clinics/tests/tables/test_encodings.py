import io

from clinics.tables.reading import read_table


def test_read_table_reads_a_file_of_two_encodings_line_by_line():
    lines = ["Name\nJosé Díaz\nMuñoz\n".encode(), "Zoë Núñez\n".encode("cp1252"), b"Plain\n"]
    table = read_table(io.BytesIO(b"".join(lines)))
    assert [row.cells[0] for row in table.rows] == ["José Díaz", "Muñoz", "Zoë Núñez", "Plain"]
    assert "Not all of this file is written in the same letters" in table.notices[0]


def test_read_table_does_not_take_polish_names_for_turkish_ones():
    names = ["Łukasz Wiśniewski", "Małgorzata Żółć"] * 50
    table = read_table(io.BytesIO("\n".join(["Name", *names]).encode("cp1250")))
    assert next(table.rows).cells == ("Łukasz Wiśniewski",)
