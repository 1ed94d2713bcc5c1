"""The order of the queue: each factor for itself only ever moves a rank the one way it should."""

from hypothesis import given, settings
from hypothesis import strategies as st

from crm.queue_ranking import DUE, GIVE_UP, NEW, OVERDUE, PRIORITIES, UNPLANNED, decay, rank, urgency, worth

cents = st.integers(min_value=1, max_value=10**9)
hours = st.floats(min_value=-48, max_value=24 * 60)
days = st.floats(min_value=0, max_value=1000)
reasons = st.sampled_from([NEW, OVERDUE, DUE, UNPLANNED, GIVE_UP])
priorities = st.sampled_from(list(PRIORITIES))
chances = st.integers(min_value=0, max_value=100)


@settings(max_examples=50)
@given(reason=reasons, low=cents, high=cents, chance=chances, hour=hours, priority=priorities, silent=days)
def test_more_value_never_lowers_a_rank(reason, low, high, chance, hour, priority, silent):
    low, high = sorted([low, high])
    facts = {"chance": chance, "hours": hour, "priority": priority, "silent_days": silent}

    assert rank(reason, cents=high, **facts).score >= rank(reason, cents=low, **facts).score


@settings(max_examples=50)
@given(reason=reasons, early=hours, late=hours, priority=priorities)
def test_waiting_never_makes_anything_less_urgent(reason, early, late, priority):
    early, late = sorted([early, late])

    assert urgency(reason, late, priority) >= urgency(reason, early, priority)


@settings(max_examples=50)
@given(short=days, long=days, low=chances, high=chances, value=cents)
def test_silence_lowers_and_a_better_chance_raises(short, long, low, high, value):
    short, long = sorted([short, long])
    low, high = sorted([low, high])

    assert decay(long) <= decay(short) <= 1
    assert worth(value, high) >= worth(value, low)


def test_the_reasons_stand_in_their_order():
    first_hour = [urgency(NEW), urgency(OVERDUE, 1), urgency(DUE, -1), urgency(UNPLANNED), urgency(GIVE_UP)]

    assert first_hour == sorted(first_hour, reverse=True)
    assert urgency(OVERDUE, 1, "URGENT") > urgency(OVERDUE, 1, "LOW")


def test_interest_halves_in_two_weeks_and_does_not_end():
    assert (decay(0), decay(14), decay(10_000)) == (1.0, 0.5, 0.15)
