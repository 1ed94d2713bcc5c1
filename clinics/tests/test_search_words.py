import pytest

from clinics.search_words import begins_of


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("Adaeze  Ok", ["adaeze", "ok"]),
        ("O'Brien-Vega", ["o", "brien", "vega"]),
        ("García", ["garcia"]),
        ("(312) 555-013", ["312555013"]),
        ("+34 600 00", ["3460000"]),
        ("Ada@Example.com", ["ada@example.com"]),
        ("HS-77", ["hs", "77"]),
        ("''", []),
        ("x" * 500, ["x" * 80]),
    ],
)
def test_a_text_asks_for_words_that_begin_so(text, begins):
    assert begins_of(text) == begins
