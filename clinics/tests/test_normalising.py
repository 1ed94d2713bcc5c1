import pytest

from clinics.normalising import visible


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\u202eABC Vega", "ABC Vega"),
        ("\u2067José\u2069 Vega ", "José Vega"),
        ("\u200b \u2060", ""),
        ("👩‍👩‍👧 田中さん", "👩‍👩‍👧 田中さん"),
        ("﷽", "﷽"),
    ],
)
def test_a_name_turns_no_sentence_around_and_is_none_if_nothing_of_it_is_seen(written, shown):
    assert visible(written) == shown
