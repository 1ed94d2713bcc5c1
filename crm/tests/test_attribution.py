"""The models are held against shares worked out by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.attribution import Model, weights


@pytest.mark.parametrize(
    ("model", "shares"),
    [
        (Model.FIRST, (1, 0, 0, 0)),
        (Model.LAST, (0, 0, 0, 1)),
        (Model.LINEAR, (0.25, 0.25, 0.25, 0.25)),
        (Model.POSITION, (0.4, 0.1, 0.1, 0.4)),
        # a quarter, a half, a half and a whole: 2.25 in all
        (Model.DECAY, (0.25 / 2.25, 0.5 / 2.25, 0.5 / 2.25, 1 / 2.25)),
    ],
)
def test_each_model_shares_four_touches_as_its_formula_says(model, shares):
    assert weights((14, 7, 7, 0), model) == pytest.approx(shares)


def test_two_touches_share_by_halves_where_there_is_no_middle():
    assert weights((3, 0), Model.POSITION) == (0.5, 0.5)


def test_nothing_can_be_credited_to_no_touch():
    with pytest.raises(ValueError, match="Nothing to credit"):
        weights((), Model.LINEAR)


@settings(max_examples=50)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=12), st.sampled_from(Model))
def test_no_model_gives_more_or_less_than_one_patient(ages, model):
    shares = weights((*sorted(ages, reverse=True), 0), model)

    assert sum(shares) == pytest.approx(1)
    assert min(shares) >= 0
