from datetime import date

import pytest

from clinics.same_person.comparing import Person
from clinics.same_person.keys import match_keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Robert", "Kowalski"), ("Bob", "Kowalsky")),
        (("José", "Vega"), ("Pepe", "Bega")),
        (("Matthew", "Robertson"), ("Mathew", "Robetson")),
        (("Fatoumata", "Diallo"), ("Diallo", "Fatumata")),
        (("Ana", "García López"), ("Ana", "Lopes")),
        (("Stephen", "Ng"), ("Steven", "Ng")),
    ],
)
def test_two_writings_of_a_name_share_a_key(one, other):
    assert match_keys(Person(*one)) & match_keys(Person(*other))


def test_names_that_are_unlike_share_no_key():
    assert not match_keys(Person("Robert", "Kowalski")) & match_keys(Person("Ana", "Vega"))


def test_a_birth_date_is_found_with_day_and_month_swapped():
    assert match_keys(Person(born_on=date(2010, 3, 4))) == match_keys(Person(born_on=date(2010, 4, 3)))


def test_who_is_treated_is_found_at_the_address_of_who_asks():
    child = Person("Ana", "Vega", postal_code="60601", street="5 Elm Street")
    mother = Person("Rosa", "Diaz", postal_code="60601", street="5 Elm Street", patient=Person("Ana", "Vega"))

    assert match_keys(child) <= match_keys(mother)


def test_keys_are_numbers_that_say_nothing_and_fit_their_column():
    keys = match_keys(Person("Ana", "Vega", date(2010, 3, 4)))

    assert all(-(2**63) <= key < 2**63 for key in keys)
    assert match_keys(Person()) == set()
