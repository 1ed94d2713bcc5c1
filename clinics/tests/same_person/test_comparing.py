from dataclasses import replace
from datetime import date

import pytest

from clinics.same_person.comparing import Person, Verdict, compare

PHONE, EMAIL = ("+13125550131",), ("fatou@example.com",)
FATOUMATA = Person(given="Fatoumata", family="Diallo", phones=PHONE, emails=EMAIL)
BORN = date(2010, 3, 4)


@pytest.mark.parametrize(
    ("given", "family"),
    [
        ("Fatoumata", "Diallo"),
        ("FATOUMATA", "diallo "),
        ("Fatuomata", "Diallo"),  # two letters changed over
        ("Fatoumata", "Dialo"),  # a letter missing
        ("Fatoumata", "Diallo-Sow"),  # one half of a double name
        ("Diallo", "Fatoumata"),  # in the other order
        ("Fatoumata Binta", "Diallo"),  # with a second name
    ],
)
def test_the_same_phone_under_one_name_however_it_is_written_is_the_same_person(given, family):
    other = Person(given=given, family=family, phones=PHONE)

    assert compare(FATOUMATA, other).verdict == compare(other, FATOUMATA).verdict == Verdict.SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [("Robert", "Bob"), ("Bill", "William"), ("José", "Pepe"), ("Francisco", "Paco"), ("Guadalupe", "Lupita"),
     ("Kathryn", "Katie"), ("María José", "Majo")],
)  # fmt: skip
def test_short_forms_of_a_name_are_the_name(one, other):
    comparison = compare(
        Person(given=one, family="Vega", phones=PHONE), Person(given=other, family="Vega", phones=PHONE)
    )

    assert comparison.verdict == Verdict.SAME
    assert "given_nickname" in comparison.reasons


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana", "Luis"),
        ("Mario", "Maria"),
        ("Daniel", "Daniela"),
        ("Marta", "Maria"),
        ("Juan", "Joan"),
        ("Julia", "Julian"),
    ],
)
def test_another_first_name_on_the_same_phone_and_e_mail_is_the_household(one, other):
    comparison = compare(
        Person(given=one, family="Vega", phones=PHONE, emails=EMAIL),
        Person(given=other, family="Vega", phones=PHONE, emails=EMAIL),
    )

    assert comparison.verdict == Verdict.HOUSEHOLD


def test_twins_who_share_everything_but_the_first_name_are_the_household():
    one = Person("Ana", "Vega", BORN, PHONE, EMAIL, "5 Elm Street", "Chicago", "60601")

    assert compare(one, replace(one, given="Eva")).verdict == Verdict.HOUSEHOLD
    assert compare(one, replace(one, given="Anna Lucia", born_on=date(2012, 1, 1))).verdict != Verdict.SAME


def test_siblings_of_one_parent_are_the_household_though_the_parent_is_one_person():
    mother = Person(given="Rosa", family="Vega", phones=PHONE, patient=Person("Ana", "Vega"))

    assert compare(mother, replace(mother, patient=Person("Luis", "Vega"))).verdict == Verdict.HOUSEHOLD
    assert compare(mother, replace(mother, patient=Person("Ana", "Vega"))).verdict != Verdict.HOUSEHOLD
    assert compare(mother, replace(mother, patient=Person("Ana", "Vega"))).is_for_review


def test_who_asks_for_a_child_and_asks_again_without_a_word_of_it_is_looked_at():
    mother = Person(given="Rosa", family="Vega", phones=PHONE, patient=Person("Ana", "Vega"))

    assert compare(mother, replace(mother, patient=None)).verdict == Verdict.POSSIBLE


def test_a_patient_who_asks_for_themselves_is_found_in_the_lead_of_their_parent():
    mother = Person(given="Rosa", family="Vega", phones=PHONE, patient=Person("Ana", "Vega", BORN))
    comparison = compare(Person("Ana", "Vega", BORN, PHONE), mother)

    assert comparison.verdict == Verdict.POSSIBLE
    assert "is_patient_of_other" in comparison.reasons


@pytest.mark.parametrize(
    ("one", "other"), [("Vega Sr.", "Vega Jr."), ("Vega", "Vega III"), ("Vega padre", "Vega hijo")]
)
def test_elder_and_younger_of_one_name_are_never_taken_for_one_unseen(one, other):
    elder = Person(given="Juan", family=one, phones=PHONE, emails=EMAIL)

    assert compare(elder, replace(elder, family=other)).verdict in (Verdict.HOUSEHOLD, Verdict.POSSIBLE)


def test_parent_and_child_of_one_name_are_told_apart_by_their_birth_dates():
    father = Person("Juan", "Vega", date(1970, 5, 1), PHONE, EMAIL)

    assert compare(father, replace(father, born_on=date(2008, 6, 2))).verdict == Verdict.HOUSEHOLD
    assert compare(father, replace(father, born_on=date(1970, 1, 5))).verdict == Verdict.SAME


@pytest.mark.parametrize(
    ("other", "reason"),
    [(date(2010, 3, 4), "birth_same"), (date(2010, 4, 3), "birth_swapped"), (date(2001, 3, 4), "birth_typo"),
     (date(2010, 3, 24), "birth_typo"), (date(1999, 12, 31), "birth_differs")],
)  # fmt: skip
def test_birth_dates_are_compared_as_people_mistype_them(other, reason):
    assert reason in compare(Person("Ana", "Vega", BORN), Person("Ana", "Vega", other)).reasons


def test_a_phone_without_a_name_is_looked_at_and_never_taken_for_sure():
    assert compare(FATOUMATA, Person(phones=PHONE)).verdict == Verdict.POSSIBLE


def test_an_initial_may_be_a_relative():
    assert compare(FATOUMATA, Person(given="F.", family="Diallo", phones=PHONE)).verdict == Verdict.POSSIBLE


def test_a_common_name_with_another_phone_in_another_town_is_somebody_else():
    one = Person("Maria", "Garcia", phones=PHONE, city="Chicago", postal_code="60601")

    assert compare(one, Person("Maria", "Garcia", phones=("+12125550100",), city="Miami")).verdict == Verdict.DIFFERENT


def test_an_address_in_common_helps_a_misspelt_name():
    one = Person("Matthew", "Kowalski", street="12 Elm St", city="Chicago", postal_code="60601")
    comparison = compare(one, Person("Mathew", "Kowalsky", street="12 Elm St.", city="Chicago", postal_code="60610"))

    assert comparison.is_for_review
    assert {"street_same", "city_same", "postal_code_typo"} <= set(comparison.reasons)


def test_two_of_whom_nothing_is_known_are_not_the_same():
    assert compare(Person(), Person()).verdict == Verdict.DIFFERENT
