from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.assignment.choosing import Person, pick, stand_in, why_not
from crm.assignment.places import distance_km, find_place, is_among, read_span
from crm.models import AssignmentRule, Lead
from crm.models.assignment import AssignmentRule as Rule


def person(pk, *, capacity=None, a_day=None, **facts):
    member = SimpleNamespace(pk=pk, capacity=capacity, new_leads_a_day=a_day, is_admin=0)
    return Person(member=member, **facts)


def rule_of(*weights, way=Rule.Way.TURN, **facts):
    """A rule whose people are numbered from 0, with these weights."""
    shares = [SimpleNamespace(pk=pk, member_id=pk, weight=weight, credit=0) for pk, weight in enumerate(weights)]
    rule = {"way": way, "only_on_shift": False, "minds_capacity": True} | facts
    return SimpleNamespace(**rule, people=shares)


def everybody(count, **facts):
    return {pk: person(pk, **facts) for pk in range(count)}


def pick_once(rule, people, **how):
    found = pick(rule, people, **how)
    return None if found is None else (found[0].member.pk, found[1] and found[1].pk)


def test_a_turn_goes_round_by_weight():
    rule, people = rule_of(3, 1), everybody(2)

    assert [pick_once(rule, people)[0] for _lead in range(8)].count(0) == 6


def test_a_turn_after_an_absence_is_the_fair_share_and_no_flood():
    rule, people = rule_of(1, 1, 1), everybody(3)
    people[0].is_away = True
    while_away = [pick_once(rule, people)[0] for _lead in range(20)]
    people[0].is_away = False

    back = [pick_once(rule, people)[0] for _lead in range(9)]

    assert 0 not in while_away
    assert sorted(back) == [0, 0, 0, 1, 1, 1, 2, 2, 2]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=5), st.data())
def test_a_turn_never_owes_anybody_more_than_a_round(weights, data):
    """Whoever is there, what the rule owes adds up to nothing, and nobody is ever ahead or behind by a whole round."""
    rule, people = rule_of(*weights), everybody(len(weights))
    for _lead in range(40):
        present = data.draw(st.sets(st.sampled_from(range(len(weights))), min_size=1))
        for pk, each in people.items():
            each.is_away = pk not in present

        assert pick_once(rule, people)[0] in present
        credits = [share.credit for share in rule.people]
        assert sum(credits) == 0
        assert max(map(abs, credits)) <= sum(weights) * len(weights)


def test_most_room_counts_what_is_left_until_the_limit():
    people = {0: person(0, capacity=50, open_leads=45), 1: person(1, capacity=20, open_leads=10)}

    assert pick_once(rule_of(1, 1, way=Rule.Way.ROOM), people) == (1, None)


def test_as_listed_takes_the_first_who_is_free():
    people = everybody(3)
    people[0].is_away = True

    assert pick_once(rule_of(1, 1, 1, way=Rule.Way.LISTED), people) == (1, None)


@pytest.mark.parametrize(
    "facts", [{"capacity": 3, "open_leads": 3}, {"a_day": 2, "new_today": 2}, {"is_on_shift": False}]
)
def test_nobody_is_free_who_is_full_or_off_shift(facts):
    rule = rule_of(1, only_on_shift=True)

    assert pick_once(rule, {0: person(0, **facts)}) is None


def test_a_deputy_stands_in_when_nobody_of_the_rule_is_there():
    people = everybody(3)
    people[0].is_away, people[0].deputy_id = True, 1
    people[1].is_away, people[1].deputy_id = True, 2

    assert pick_once(rule_of(1), people) == (2, 0)


def test_deputies_of_each_other_who_are_both_away_stand_in_for_nobody():
    people = everybody(2)
    for pk in (0, 1):
        people[pk].is_away, people[pk].deputy_id = True, 1 - pk

    assert stand_in(people[0], people) is None


def test_pick_leaves_out_whom_it_must_not_be():
    assert pick_once(rule_of(1, 1), everybody(2), but=0) == (1, None)
    assert pick_once(rule_of(1), everybody(1), but=0) is None


@pytest.mark.parametrize(
    "rule, lead, reason",
    [
        ({"interests": ["INVISALIGN"]}, {"treatment_interest": ["RETAINER"]}, "another interest"),
        ({"interests": ["INVISALIGN"]}, {"treatment_interest": ["RETAINER", "INVISALIGN"]}, None),
        ({"postal_codes": ["606"]}, {"postal_code": ""}, "postal code not known"),
        ({"postal_codes": ["606", "60701-60712"]}, {"postal_code": "60 705-1234"}, None),
        ({"postal_codes": ["606"]}, {"postal_code": "60505"}, "another postal code"),
        ({"hours": "CLOSED"}, {}, "asked while open"),
        ({}, {}, None),
    ],
)
def test_why_not_says_what_does_not_fit(rule, lead, reason):
    found = why_not(AssignmentRule(**rule), Lead(**lead), is_open=True, areas={})

    assert (found and str(found)) == reason


def test_a_place_is_found_by_the_longest_beginning_and_told_in_kilometres():
    areas = {"606": (41.88, -87.63), "60601": (41.886, -87.618)}

    assert find_place("60601-1234", areas) == areas["60601"]
    assert find_place("90210", areas) is None
    assert round(distance_km((41.8781, -87.6298), (40.7128, -74.0060))) == 1144  # Chicago to New York


@pytest.mark.parametrize("text", ["", "607-60712", "60712-60701", "60%"])
def test_read_span_refuses_what_is_no_span(text):
    with pytest.raises(ValueError):
        read_span(text)


def test_codes_of_other_countries_are_compared_by_their_letters():
    assert is_among("sw1a 1aa", ["SW1"])
    assert not is_among("", ["SW1"])
