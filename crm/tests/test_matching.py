import pytest

from conftest import next_door
from crm.duplicates.indexing import index_lead
from crm.matching import find_matches, person_beside, relative_beside
from crm.tests.factories import LeadFactory
from patients.tests.factories import PatientFactory


@pytest.fixture
def ana(clinic):
    return LeadFactory(first_name="Ana", last_name="Vega", phone="+12125550101", email="Ana@Example.com")


@pytest.mark.parametrize(
    ("typed", "by"),
    [
        ({"phone": "212 555 0101"}, "phone"),
        ({"email": " ana@example.COM"}, "email"),
        ({"first_name": "Aná", "last_name": "Ve"}, "name"),
    ],
)
def test_find_matches_by_what_is_shared(clinic, ana, typed, by):
    assert [(match.lead, match.by) for match in find_matches(clinic, typed).people] == [(ana, by)]


@pytest.mark.parametrize("typed", [{}, {"phone": "212 555"}, {"first_name": "An"}, {"email": "ana"}])
def test_find_matches_finds_nobody_by_too_little(clinic, ana, typed):
    assert find_matches(clinic, typed).people == []


def test_find_matches_leaves_the_clinic_next_door_alone(clinic, other_clinic):
    with next_door(other_clinic):
        LeadFactory(phone="+12125550101")

    assert find_matches(clinic, {"phone": "2125550101"}).people == []


def test_matches_ask_only_about_those_who_were_not_shown(clinic, ana):
    matches = find_matches(clinic, {"phone": "2125550101"})

    assert not matches.are_known_to([])
    assert matches.are_known_to([str(ana.pk)])


def test_a_name_alone_asks_nothing(clinic, ana):
    assert find_matches(clinic, {"first_name": "Ana"}).are_known_to([])


def test_find_matches_says_when_a_number_cannot_be_dialed(clinic):
    assert find_matches(clinic, {"phone": "999 99999"}).phone_unreadable


def test_person_beside_knows_only_people_of_this_clinic(clinic, other_clinic, ana):
    with next_door(other_clinic):
        stranger = LeadFactory()

    assert person_beside(str(ana.pk)) == ana
    assert person_beside(str(stranger.pk)) is person_beside("nonsense") is person_beside(None) is None


def test_relative_beside_knows_patients_of_this_clinic_for_whoever_may_see_them(clinic, other_clinic):
    ines = PatientFactory()
    with next_door(other_clinic):
        stranger = PatientFactory()

    assert relative_beside(str(ines.pk), with_patients=True) == ines
    assert relative_beside(str(ines.pk)) is relative_beside(str(stranger.pk), with_patients=True) is None


def test_a_whole_name_that_is_alike_asks_and_an_edited_lead_does_not_match_itself(clinic, ana):
    index_lead(ana)
    typed = {"first_name": "Anna", "last_name": "Vega"}

    assert not find_matches(clinic, typed).are_known_to([])
    assert find_matches(clinic, typed, besides=ana).people == []


def test_a_number_is_found_while_it_is_still_being_typed(clinic, ana):
    assert [match.lead for match in find_matches(clinic, {"phone": "(212) 555-01"}).people] == [ana]


def test_another_first_name_on_the_same_phone_is_a_relative(clinic, ana):
    (match,) = find_matches(clinic, {"phone": "2125550101", "first_name": "Luis", "last_name": "Vega"}).people

    assert match.is_relative
