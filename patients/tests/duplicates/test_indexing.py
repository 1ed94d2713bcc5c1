import pytest

from clinics.same_person.comparing import Person
from conftest import next_door, no_clinic
from patients.duplicates.finding import named_alike
from patients.duplicates.indexing import fill_keys, index_patients
from patients.editing import delete_patient, edit_patient, erase_patient, restore_patient
from patients.models import PatientMatchKey
from patients.registration import register_patient
from patients.tests.factories import PatientFactory


@pytest.fixture
def robert(clinic, receptionist):
    return register_patient(clinic, {"first_name": "Robert", "last_name": "Kowalski"}, by=receptionist)


def found(given, family):
    return named_alike(Person(given=given, family=family))


@pytest.mark.parametrize("name", [("Bob", "Kowalski"), ("Robert", "Kowlaski"), ("Kowalski", "Roberto")])
def test_a_registered_patient_is_found_by_a_name_written_differently(robert, name):
    assert found(*name) == [robert.pk]


def test_nobody_of_another_name_or_clinic_is_found(robert, other_clinic):
    with next_door(other_clinic):
        index_patients([PatientFactory(first_name="Bob", last_name="Kowalski")])

    assert found("Bob", "Kowalski") == [robert.pk]
    assert found("Ana", "Kowalski") == found("Robert", "Vega") == []


def test_an_edited_patient_is_found_by_the_new_name_only(robert, receptionist):
    edit_patient(robert, {"last_name": "Okonkwo"}, version=robert.version, by=receptionist)

    assert found("Bob", "Okonkwo") == [robert.pk]
    assert found("Bob", "Kowalski") == []


def test_who_went_away_is_found_no_more_and_again_once_they_are_back(robert, owner):
    delete_patient(robert, by=owner)
    assert (found("Bob", "Kowalski"), PatientMatchKey.objects.count()) == ([], 0)

    restore_patient(robert, by=owner)
    assert found("Bob", "Kowalski") == [robert.pk]

    erase_patient(robert, typed_name="Robert Kowalski", by=owner)
    assert PatientMatchKey.objects.count() == 0


def test_fill_keys_gives_keys_to_whoever_has_none_and_to_nobody_twice(clinic, robert):
    ana = PatientFactory(first_name="Ana", last_name="Vega", name_key="ana vega")
    PatientFactory(first_name="", last_name="", phone="+12125550101", name_key="")
    before = PatientMatchKey.objects.filter(patient=robert).count()
    with no_clinic():
        done = [fill_keys(clinic), fill_keys(clinic)]

    assert done == [1, 0]
    assert found("Anna", "Vega") == [ana.pk]
    assert PatientMatchKey.objects.filter(patient=robert).count() == before
