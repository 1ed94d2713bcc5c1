"""What leads like a coordinator's promise, and how sure a share is, worked out by hand."""

import pytest

from crm.figures.adjusting import expected_rates
from crm.figures.intervals import wilson


def test_what_such_leads_promise_is_the_rate_of_their_source_and_treatment():
    """The clinic starts 12 of 20 braces by the ads (0.6) and 4 of 40 retainers (0.1). Ana has half of the braces."""
    rows = [
        ("ana", "ads", "braces", 10, 8),
        ("ben", "ads", "braces", 10, 4),
        ("ana", "ads", "retainer", 10, 3),
        ("ben", "ads", "retainer", 30, 1),
    ]

    found = expected_rates(rows)

    # (10 x 0.6 + 10 x 0.1) / 20, and (10 x 0.6 + 30 x 0.1) / 40: by source alone both would be held against 16 of 60.
    assert found == {"ana": pytest.approx(0.35), "ben": pytest.approx(0.225)}
    assert 20 * found["ana"] + 40 * found["ben"] == pytest.approx(16)  # what started


def test_few_leads_are_taken_together_within_their_source_then_across_sources():
    """With 10 as the fewest: braces stand alone, both small ones of the ads make 10, those of fair and radio 12."""
    rows = [
        ("ana", "ads", "braces", 20, 10),
        ("ana", "ads", "retainer", 4, 3),
        ("ben", "ads", "opinion", 6, 1),
        ("ben", "fair", "braces", 7, 0),
        ("cy", "radio", "braces", 5, 3),
    ]

    found = expected_rates(rows, fewest=10)

    assert found["ana"] == pytest.approx((20 * 0.5 + 4 * 0.4) / 24)
    assert found["ben"] == pytest.approx((6 * 0.4 + 7 * 0.25) / 13)
    assert found["cy"] == pytest.approx(0.25)


def test_what_is_few_even_then_has_the_rate_of_the_clinic():
    rows = [("ana", "ads", "braces", 30, 10), ("ben", "fair", None, 2, 2)]

    assert expected_rates(rows) == {"ana": pytest.approx(1 / 3), "ben": pytest.approx(12 / 32)}
    assert expected_rates([("ana", "ads", None, 1, 0)]) == {"ana": 0}
    assert expected_rates([]) == {}


def test_the_interval_of_a_share_is_wilsons():
    """Two of ten: checked against the formula worked out with z = 1.96, as the textbooks print it."""
    assert wilson(2, 10, z=1.96) == pytest.approx((0.0567, 0.5098), abs=1e-4)
    assert wilson(0, 0) == (None, None)
    assert wilson(0, 8)[0] == 0
    assert wilson(8, 8)[1] == 1
