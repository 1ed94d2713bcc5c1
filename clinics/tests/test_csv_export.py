import csv
import datetime as dt
import io

import pytest
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from clinics.csv_export import STARTS_FORMULA, csv_lines, csv_response, csv_stream, harmless
from clinics.models import Location
from conftest import next_door


def read(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_csv_response_is_a_download_that_excel_reads_as_utf_8():
    answer = csv_response("Leads Añil.csv", ["Name", "Note"], [("Zoë", 'said "hi",\nleft'), (None, "")])

    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert read(answer.content) == [["Name", "Note"], ["Zoë", 'said "hi",\nleft'], ["", ""]]
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''Leads%20A%C3%B1il.csv"
    assert answer["Cache-Control"] == "private, no-store"


def test_csv_lines_asks_for_rows_one_after_the_other():
    asked = []
    lines = csv_lines(["Number"], (asked.append(number) or [number] for number in range(9)))
    assert (next(lines), next(lines), asked) == ("\ufeffNumber\r\n", "0\r\n", [0])


def test_csv_stream_keeps_the_language_and_the_clock_of_whoever_asked(clinic):
    moment = dt.datetime(2026, 7, 1, 2, 30, tzinfo=dt.UTC)
    with translation.override("es"), timezone.override("America/Chicago"):
        answer = csv_stream("x.csv", [gettext_lazy("Name")], ([moment] for _ in range(1)))

    assert read(b"".join(answer.streaming_content)) == [["Nombre"], ["2026-06-30 21:30"]]


@pytest.mark.parametrize(
    "value",
    [
        "=1+1", "+1+1", "-1-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", '=HYPERLINK("http://x","y")',
        "=cmd|' /C calc'!A0",
        "+1-212-555-0100", "-", "+", "--1", "-2+3+cmd|' /C calc'!A0", "＝1+1", "+1 212 555 0100=1", "\u00a0=1", "-1)",
    ],
)  # fmt: skip
def test_harmless_puts_an_apostrophe_before_what_would_be_computed(value):
    assert harmless(value) == f"'{value}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("+12125550100", "+12125550100"), ("+44 20 7946 0958", "+44 20 7946 0958"), (-5, "-5"), ("-3.50", "-3.50"),
        ("-12%", "-12%"), ("+4", "+4"), (-1.5, "-1.5"), ("a=b", "a=b"), ("ana@example.com", "ana@example.com"), ("",
        ""),
        (None, ""), (True, "yes"), (False, "no"), (0, "0"), (["VIP", "new"], "VIP, new"), (["=1"], "'=1"), ("a\0b",
        "ab"),
        (dt.date(2024, 2, 29), "2024-02-29"), (dt.datetime(2024, 2, 29, 9, 5), "2024-02-29 09:05"),
    ],
)  # fmt: skip
def test_harmless_leaves_plain_values_as_they_are(value, text):
    assert harmless(value) == text


@given(st.text())
def test_harmless_text_never_begins_a_formula(text):
    answer = harmless(text)
    assert answer.lstrip("'") == text.replace("\0", "").lstrip("'")
    assert (
        not answer.startswith(STARTS_FORMULA)
        or answer[1:].replace(" ", "").replace(".", "").replace(",", "").strip("%").isdecimal()
    )


def test_csv_stream_reads_the_clinic_that_was_open_when_it_began(clinic, other_clinic):
    Location.objects.create(name="Ours")
    with next_door(other_clinic):
        Location.objects.create(name="Next door")
    answer = csv_stream("places.csv", ["Name"], ([place.name] for place in Location.objects.iterator()))

    names = read(answer.getvalue())
    assert ["Ours"] in names and ["Next door"] not in names
