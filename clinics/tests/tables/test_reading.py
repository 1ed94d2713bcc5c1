import datetime as dt
import gzip
import io
import tracemalloc
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinics.tables.errors import (
    DamagedFile,
    FileIsEmpty,
    FileTooLarge,
    NotATable,
    UnknownEncoding,
    UnreadableFile,
)
from clinics.tables.reading import Row, read_table

PEOPLE = "Name,Phone,City\nJosé Müller,+1 212 555 0100,Köln\nZoë Ángel,,São Paulo\n"


def table(content, **limits):
    return read_table(io.BytesIO(content.encode() if isinstance(content, str) else content), **limits)


def cells(content):
    return [row.cells for row in table(content).rows]


@pytest.mark.parametrize(
    "encoding, found",
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
        ("latin-1", "cp1252"),
    ],
)
def test_read_table_finds_the_encoding(encoding, found):
    answer = table(PEOPLE.encode(encoding))
    assert (answer.headers, answer.encoding) == (("Name", "Phone", "City"), found)
    assert [row.cells[0] for row in answer.rows] == ["José Müller", "Zoë Ángel"]


@pytest.mark.parametrize(
    "encoding, headers, names",
    [
        ("cp932", "氏名,電話,メール", ["山田太郎", "佐藤花子", "鈴木一郎", "高橋美咲"]),
        ("euc_jp", "氏名,電話,メール", ["山田太郎", "佐藤花子さん", "鈴木いちろう", "高橋みさき"]),
        ("gb18030", "姓名,电话,邮箱", ["王小明", "李丽华女士", "张伟的牙齿矫正", "刘洋"]),
        ("cp1251", "Имя,Телефон,Почта", ["Иван Петров", "Мария Сидорова", "Алексей Смирнов", "Ольга"]),
        ("cp1250", "Imię,Telefon,Poczta", ["Łukasz Wiśniewski", "Małgorzata Żółć", "Wójcik Świętosława", "Grażyna"]),
    ],
)
def test_read_table_reads_other_alphabets(encoding, headers, names):
    content = headers + "\n" + "".join(f"{name},,\n" for name in names)
    answer = table(content.encode(encoding))
    assert answer.headers == tuple(headers.split(","))
    assert [row.cells[0] for row in answer.rows] == names


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_read_table_finds_the_separator(separator):
    answer = table(PEOPLE.replace(",", separator))
    assert (answer.separator, len(answer.headers)) == (separator, 3)


def test_read_table_is_not_misled_by_commas_in_the_cells():
    content = "Name;Value;Note\nAna;3.500,00;red, blue, green\nBo;1,5;a, b, c\n"
    assert cells(content) == [("Ana", "3.500,00", "red, blue, green"), ("Bo", "1,5", "a, b, c")]


def test_read_table_obeys_a_separator_line_and_counts_it():
    answer = table("sep=;\r\nName;City\r\nAna, the first;Ulm\r\n")
    assert answer.headers == ("Name", "City")
    assert list(answer.rows) == [Row(3, ("Ana, the first", "Ulm"))]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_read_table_takes_any_line_ending(ending):
    assert cells(PEOPLE.replace("\n", ending))[1] == ("Zoë Ángel", "", "São Paulo")


def test_rows_carry_the_lines_of_the_original_file():
    content = '\n\n  \nName,Note\nAna,"one\ntwo, three"\n\n,,\nBo,x\n'
    assert list(table(content).rows) == [Row(5, ("Ana", "one\ntwo, three")), Row(9, ("Bo", "x"))]


def test_rows_can_be_read_twice():
    answer = table(PEOPLE)
    assert list(answer.rows) == list(answer.rows)


def test_a_row_with_fewer_or_more_cells_than_headings_is_named_and_never_shifted():
    content = "a,b,c,d,e,f,g,h\n" + "1,2,3,4,5,6,7,8\n1,2,3,4,5,6,7\n1,2,3,4,5,6,7,8,9\n1,2,3,4,5,6,7,8,,\n"
    assert [(row.line, row.problem) for row in table(content).rows] == [
        (2, ""),
        (3, "Row 3 has 7 cells, the headings are 8."),
        (4, "Row 4 has 9 cells, the headings are 8."),
        (5, ""),
    ]


def test_equal_headings_are_told_apart_and_told():
    answer = table("Phone,Name,phone,Phone (2),,\n1,Ana,2,3,x,y\n")
    assert answer.headers == ("Phone", "Name", "phone (3)", "Phone (2)", "Column 5", "Column 6")
    assert answer.notices == ("Columns 1 and 3 are both called “phone”. The second is shown as “phone (3)”.",)


def test_headings_in_any_script_are_kept():
    answer = table("氏名,☎ Contact,البريد\nAna,1,2\n")
    assert (answer.headers, answer.has_header) == (("氏名", "☎ Contact", "البريد"), True)


def test_a_title_above_the_headings_is_passed_over():
    answer = table("Leads of October,,\nexported 3 Nov,,\nName,Phone,City\nAna,1,Ulm\nBo,2,Ulm\n")
    assert (answer.headers, answer.header_line) == (("Name", "Phone", "City"), 3)
    assert [row.line for row in answer.rows] == [4, 5]


def test_a_file_without_headings_loses_nobody():
    answer = table("Ana,ana@example.com,Ulm\nBo,bo@example.com,Köln\n")
    assert (answer.headers, answer.has_header) == (("Column 1", "Column 2", "Column 3"), False)
    assert [row.cells[0] for row in answer.rows] == ["Ana", "Bo"]


def test_a_single_column_is_a_table():
    assert cells("Email\nana@example.com\nbo@example.com\n") == [("ana@example.com",), ("bo@example.com",)]


@pytest.mark.parametrize("content", [b"", b"\n\n\n", b"Name,Phone\n", "\ufeffName,Phone\n\n,\n".encode()])
def test_an_empty_file_or_one_with_headings_only_is_refused(content):
    with pytest.raises(FileIsEmpty):
        table(content)


@pytest.mark.parametrize(
    "content",
    [
        b"Name,Phone\nAna\x00,1\n",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 20,
        b"%PDF-1.7\n%\xe2",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        b"MZ" + bytes(range(1, 256)) * 9,
    ],
    ids=["zero", "png", "pdf", "xls", "exe"],
)
def test_a_binary_file_named_csv_is_refused(content):
    with pytest.raises(NotATable):
        table(content)


def test_a_zip_archive_is_refused_by_name():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("leads.csv", PEOPLE)
    with pytest.raises(NotATable, match="ZIP archive"):
        read_table(packed)


@pytest.mark.parametrize(
    "content, error",
    [
        (b"\xff\xfeN\x00a\x00\x00\xd8x", UnknownEncoding),
        (b"\xef\xbb\xbfName\n\xff\xfe\xff", UnknownEncoding),
        (b'Name,Note\nAna,"open\nBo,x\n', DamagedFile),
        (gzip.compress(PEOPLE.encode() * 99)[:-40], DamagedFile),
        (b"\x1f\x8bnot packed at all", DamagedFile),
        (b"PK\x03\x04 not packed at all", DamagedFile),
    ],
)
def test_a_damaged_file_is_refused(content, error):
    with pytest.raises(error):
        list(table(content).rows)


def test_an_unclosed_quotation_mark_names_its_line():
    with pytest.raises(DamagedFile, match="line 3"):
        table('Name,Note\nAna,"fine"\nBo,"open\n' + "Cy,x\n" * 50_000)


def test_a_file_over_the_limit_is_refused_packed_or_not():
    with pytest.raises(FileTooLarge, match="larger than 1 MB"):
        table(PEOPLE * 40_000, limit_bytes=1024 * 1024)
    with pytest.raises(FileTooLarge):
        table(gzip.compress(b"a,b\n" + b"x,y\n" * 3_000_000), limit_bytes=1024 * 1024)


def test_a_packed_csv_is_read():
    assert cells(gzip.compress(PEOPLE.encode()))[0] == ("José Müller", "+1 212 555 0100", "Köln")


def workbook(*rows):
    book, packed = openpyxl.Workbook(), io.BytesIO()
    book.create_sheet("Leads")
    for row in rows:
        book["Leads"].append(row)
    book.save(packed)
    return packed


def test_an_excel_file_named_csv_is_read():
    answer = read_table(
        workbook(
            ["Name", "Phone", "Born", "Paid", "Share"],
            ["José", 12125550100.0, dt.datetime(2012, 2, 29), True, 0.5],
            [],
            ["Bo", None, dt.datetime(2024, 1, 2, 10, 30), False, 3],
        )
    )
    assert (answer.encoding, answer.headers) == ("xlsx", ("Name", "Phone", "Born", "Paid", "Share"))
    assert list(answer.rows) == [
        Row(2, ("José", "12125550100", "2012-02-29", "true", "0.5")),
        Row(4, ("Bo", "", "2024-01-02 10:30:00", "false", "3")),
    ]


def test_an_excel_file_that_unpacks_without_end_is_refused():
    packed = workbook(["Name"], ["Ana"])
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(30_000_000))
    with pytest.raises(FileTooLarge):
        read_table(packed, limit_bytes=1024 * 1024)


def test_a_path_is_read_like_an_open_file(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_text(PEOPLE)
    assert [row.cells[2] for row in read_table(path).rows] == ["Köln", "São Paulo"]


def test_a_hundred_thousand_rows_take_no_more_memory_than_ten_thousand(tmp_path):
    path = tmp_path / "leads.csv"
    with path.open("w") as file:
        file.write("Name,Phone,Note\n")
        file.writelines(f"Person {number},+1212555{number:04d},{'x' * 200}\n" for number in range(100_000))

    answer = read_table(path)
    tracemalloc.start()
    count = sum(1 for _row in answer.rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 100_000
    assert peak < 8_000_000


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=300).map(str.encode),
        st.text("ab,;\"\n\r\t|'=@1é ", max_size=200).map(str.encode),
    )
)
def test_any_bytes_are_rows_or_a_clear_refusal(content):
    try:
        answer = table(content)
        for row in answer.rows:
            assert row.problem or len(row.cells) == len(answer.headers)
    except UnreadableFile as refusal:
        assert str(refusal)


@pytest.mark.parametrize(
    "name, rows, separator",
    [
        ("european-semicolon", 2, ";"),
        ("excel-messy-export", 3, ","),
        ("facebook-leads-realistic", 3, ","),
        ("ghl-mixed-seven-rows", 7, ","),
        ("hubspot-export", 3, ","),
        ("salesforce-leads", 3, ","),
    ],
)
def test_the_exports_of_other_systems_are_read_whole(shared, name, rows, separator):
    answer = read_table(shared(f"crm_exports/{name}.csv"))
    found = list(answer.rows)
    assert (len(found), answer.separator, answer.has_header, [row.problem for row in found]) == (
        rows,
        separator,
        True,
        [""] * rows,
    )


def test_the_large_past_of_leads_is_read_whole(shared):
    answer = read_table(shared("leads/x-education-past.csv.gz"))
    found = list(answer.rows)
    assert (len(found), len(answer.headers), {row.problem for row in found}) == (6468, 37, {""})
