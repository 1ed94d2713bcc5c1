"""Who wins, on plain values."""

import pytest

from patients.emr.policy import GROUPS, Policy, Winner, merge

GROUP = "patient.email"


def decide(ours, theirs, seen=None, winner="ASK"):
    seen = {"email": seen} if seen else None
    merged = merge(GROUP, ours={"email": ours}, theirs={"email": theirs}, seen=seen, winner=Winner(winner))
    return merged.values.get("email", ours), merged.is_conflict


@pytest.mark.parametrize(
    ("ours", "theirs", "seen", "winner", "expected"),
    [
        ("", "b@x.example", None, "RECARE", ("b@x.example", False)),  # what is empty is filled in
        ("a@x.example", "", None, "EMR", ("a@x.example", False)),  # nothing never wins
        ("a@x.example", "A@X.example", None, "ASK", ("a@x.example", False)),  # the same, written otherwise
        ("a@x.example", "b@x.example", None, "EMR", ("b@x.example", False)),
        ("a@x.example", "b@x.example", None, "RECARE", ("a@x.example", False)),
        ("a@x.example", "b@x.example", None, "ASK", ("a@x.example", True)),
        ("a@x.example", "b@x.example", "a@x.example", "ASK", ("b@x.example", False)),  # changed there alone
        ("a@x.example", "b@x.example", "b@x.example", "ASK", ("a@x.example", False)),  # changed here alone
        ("a@x.example", "b@x.example", "c@x.example", "ASK", ("a@x.example", True)),  # changed on both sides
    ],
)
def test_who_wins(ours, theirs, seen, winner, expected):
    assert decide(ours, theirs, seen, winner) == expected


def test_phone_numbers_are_the_same_however_they_are_written():
    ours, theirs = {"phone": "+1 (212) 555-0100", "phone_alt": ""}, {"phone": "212-555-0100"}

    assert merge("patient.phone", ours=ours, theirs=theirs, seen=None, winner=Winner.EMR).values == {}


def test_a_clinic_decides_group_by_group_and_a_file_for_all_of_them():
    assert Policy(own={"patient.name": "RECARE"}).winner("patient.name") == Winner.RECARE
    assert Policy().winner("patient.name") == GROUPS["patient.name"].usual
    assert Policy(always="EMR").winner("patient.address") == Winner.EMR
