import io

from clinics.tables.reading import read_table


def test_read_table_reads_a_file_of_two_encodings_line_by_line():
    lines = ["Name\nJosé Díaz\nMuñoz\n".encode(), "Zoë Núñez\n".encode("cp1252"), b"Plain\n"]
    table = read_table(io.BytesIO(b"".join(lines)))
    assert [row.cells[0] for row in table.rows] == ["José Díaz", "Muñoz", "Zoë Núñez", "Plain"]
    assert "Not all of this file is written in the same letters" in table.notices[0]
