import csv
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinics.tables.values import day_first_by_evidence, read_cents, read_moment
from crm.importing.values import read_phone, read_yes, split_name

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    "text, region, number",
    [
        ("(212) 555-0100", "US", "+12125550100"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("00525587654321", "US", "+525587654321"),
        ("p:+12125550100", "US", "+12125550100"),
        ("'+12125550100", "US", "+12125550100"),
        ("12125550100.0", "US", "+12125550100"),
        ("tel:+49-170-1234567", "US", "+491701234567"),
        ("491701234567", "US", "+491701234567"),
        ("２１２ ５５５ ０１００", "US", "+12125550100"),
        ("555-2001", "US", None),
        ("+1 555-2001", "US", None),
        ("1.2125550100E+10", "US", "+12125550100"),
        ("1.21E+10", "US", None),
        ("Ana", "US", None),
        ("", "US", None),
    ],
)
def test_read_phone(text, region, number):
    assert read_phone(text, region) == number


def test_read_phone_agrees_with_the_example_numbers_of_all_regions(shared):
    with shared("phones/example-numbers.csv").open() as file:
        for row in csv.DictReader(file):
            expected = row["e164"] if row["valid"] == "True" else None
            for spelling in filter(None, (row["e164"], row["national"], row["international"], row["rfc3966"])):
                assert read_phone(spelling, row["region"]) == expected, (row["region"], spelling)


@pytest.mark.parametrize(
    "text, cents",
    [
        ("$3,500", 350000),
        ("3.500,00 €", 350000),
        ("3500", 350000),
        ("1'234.50 CHF", 123450),
        ("R$ 1.234,5", 123450),
        ("1 234,56", 123456),
        ("USD 12.99", 1299),
        ("3.5k", 350000),
        ("2 mil", 200000),
        ("0.125", 12),
        ("(1,200)", -120000),
        ("-5", -500),
        ("5-", -500),
        ("1,234,567", 123456700),
        ("1.234.567,89", 123456789),
        ("٣٥٠٠", 350000),
        ("50.-", 5000),
        (".5", 50),
        ("0", 0),
        ("3,500", 350000),
        ("3,50", 350),
        ("1,23,456", None),
        ("12.34.56", None),
        ("3000-5000", None),
        ("soon", None),
        ("", None),
        ("$", None),
        ("9" * 30, None),
    ],
)
def test_read_cents(text, cents):
    assert read_cents(text) == cents


@pytest.mark.parametrize(
    "text, day_first, day",
    [
        ("2024-01-15", None, (2024, 1, 15)),
        ("2024/1/5", None, (2024, 1, 5)),
        ("20240115", None, (2024, 1, 15)),
        ("15/01/2024", None, (2024, 1, 15)),
        ("01/15/2024", None, (2024, 1, 15)),
        ("03/04/2024", True, (2024, 4, 3)),
        ("03/04/2024", False, (2024, 3, 4)),
        ("03.04.2024", False, (2024, 4, 3)),
        ("3-4-24", True, (2024, 4, 3)),
        ("15 Jan 2024", None, (2024, 1, 15)),
        ("Jan 15, 2024", None, (2024, 1, 15)),
        ("15. März 2024", None, (2024, 3, 15)),
        ("15 de enero de 2024", None, (2024, 1, 15)),
        ("1er février 2024", None, (2024, 2, 1)),
        ("lunedì 5 agosto 2024", None, (2024, 8, 5)),
        ("45306", None, (2024, 1, 15)),
        ("03/04/2024", None, None),
        ("31/02/2024", True, None),
        ("2024-02-30", None, None),
        ("yesterday", None, None),
        ("12345", None, None),
        ("", None, None),
        ("0001-01-01", None, None),
    ],
)
def test_read_moment_finds_the_day(text, day_first, day):
    moment = read_moment(text, day_first=day_first, zone=PARIS)
    assert moment == (dt.datetime(*day, tzinfo=PARIS) if day else None)


@pytest.mark.parametrize(
    "text, moment",
    [
        ("2024-01-15 10:30:00", dt.datetime(2024, 1, 15, 10, 30, tzinfo=PARIS)),
        ("2024-06-01T08:12:34Z", dt.datetime(2024, 6, 1, 8, 12, 34, tzinfo=dt.UTC)),
        ("2024-06-01T08:12:34+0200", dt.datetime(2024, 6, 1, 6, 12, 34, tzinfo=dt.UTC)),
        ("15/01/2024 2:05 PM", dt.datetime(2024, 1, 15, 14, 5, tzinfo=PARIS)),
        ("1/15/2024 12:05 am", dt.datetime(2024, 1, 15, 0, 5, tzinfo=PARIS)),
        ("Jan 15, 2024 9:05 p.m.", dt.datetime(2024, 1, 15, 21, 5, tzinfo=PARIS)),
        ("1705312800", dt.datetime(2024, 1, 15, 10, tzinfo=dt.UTC)),
        ("1705312800000", dt.datetime(2024, 1, 15, 10, tzinfo=dt.UTC)),
        ("15/01/2024 99:99", None),
    ],
)
def test_read_moment_finds_the_time(text, moment):
    assert read_moment(text, day_first=None, zone=PARIS) == moment


@pytest.mark.parametrize(
    "texts, day_first",
    [
        (["03/04/2024", "15/04/2024"], True),
        (["03/04/2024", "04/15/2024"], False),
        (["03/04/2024"], None),
        (["15/04/2024", "04/15/2024"], None),
        (["2024-04-15", "x"], None),
    ],
)
def test_day_first_by_evidence(texts, day_first):
    assert day_first_by_evidence(texts) is day_first


@pytest.mark.parametrize(
    "text, answer",
    [
        ("Yes", True),
        ("1", True),
        ("SÍ", True),
        ("won", True),
        ("はい", True),
        ("Closed Won", True),
        ("no", False),
        ("0", False),
        ("Nein", False),
        ("maybe", None),
        ("", None),
    ],
)
def test_read_yes(text, answer):
    assert read_yes(text) is answer


@pytest.mark.parametrize(
    "text, name",
    [
        ("Ana López", ("Ana", "López")),
        ("López, Ana María", ("Ana María", "López")),
        ("Mary Ann Smith", ("Mary Ann", "Smith")),
        ("Ludwig van Beethoven", ("Ludwig", "van Beethoven")),
        ("María de la Cruz", ("María", "de la Cruz")),
        ("Bo de Wit", ("Bo", "de Wit")),
        ("Dr. Ana López", ("Ana", "López")),
        ("Martin Luther King Jr.", ("Martin Luther", "King Jr.")),
        ("King, Jr.", ("King", "Jr.")),
        ("Cher", ("Cher", "")),
        ("山田 太郎", ("太郎", "山田")),
        ("山田太郎", ("山田太郎", "")),
        ("Dr.", ("Dr.", "")),
        ("  ", ("", "")),
        (",", ("", "")),
        ("O'Brien-Smith, Seán", ("Seán", "O'Brien-Smith")),
    ],
)
def test_split_name(text, name):
    assert split_name(text) == name


@given(st.text(max_size=40), st.sampled_from([None, True, False]))
def test_any_text_means_something_or_nothing(text, day_first):
    read_phone(text, "US")
    read_cents(text)
    read_yes(text)
    split_name(text)
    moment = read_moment(text, day_first=day_first, zone=PARIS)
    assert moment is None or moment.tzinfo


@given(st.text("0123456789-/.: TZ+apmJanMär", max_size=24))
def test_any_date_like_text_means_a_moment_or_nothing(text):
    moment = read_moment(text, day_first=True, zone=PARIS)
    assert moment is None or moment.tzinfo


@given(st.text("0123456789.,' $€k-()", max_size=24))
def test_any_money_like_text_means_an_amount_or_nothing(text):
    assert read_cents(text) is None or isinstance(read_cents(text), int)
