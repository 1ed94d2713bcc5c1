from datetime import date, timedelta

import pytest
from django.utils import timezone

from conftest import last_audit
from patients.models import Patient, PatientHousehold
from patients.registration import register_patient
from patients.rules import BornInTheFuture, KnownInTheEmr, NobodyNamed
from patients.tests.factories import PatientFactory

MARA = {"first_name": "Mára", "last_name": "Óscarsdóttir", "phone": "(312) 555-0142", "email": " Mara@Example.com "}


def test_register_patient_normalises_what_people_are_found_by(clinic, receptionist):
    patient = register_patient(clinic, MARA | {"date_of_birth": date(2011, 5, 3)}, by=receptionist)

    patient.refresh_from_db()
    assert (patient.name_key, patient.phone_e164, patient.email_norm) == (
        "mara oscarsdottir",
        "+13125550142",
        "mara@example.com",
    )
    assert patient.date_of_birth == date(2011, 5, 3)
    assert last_audit(patient).action == "patients.patient.registered"


def test_a_patient_is_found_by_birth_date_although_it_is_sealed(clinic, receptionist):
    mara = register_patient(clinic, MARA | {"date_of_birth": date(2011, 5, 3)}, by=receptionist)
    PatientFactory(date_of_birth=date(2011, 5, 4))

    assert list(Patient.objects.found_by("5/3/2011")) == [mara]
    assert list(Patient.objects.born_on(date(2011, 5, 3))) == [mara]


def test_birth_dates_are_found_after_the_secret_key_has_changed(clinic, receptionist, settings):
    mara = register_patient(clinic, MARA | {"date_of_birth": date(2011, 5, 3)}, by=receptionist)

    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a-new-key-of-the-installation"

    assert list(Patient.objects.born_on(date(2011, 5, 3))) == [mara]


def test_the_digest_of_a_birth_date_is_another_in_each_clinic(clinic, receptionist):
    patient = register_patient(clinic, MARA | {"date_of_birth": date(2011, 5, 3)}, by=receptionist)

    assert "2011" not in patient.birth_digest
    assert len(patient.birth_digest) == 64


def test_register_patient_twice_with_one_key_registers_once(clinic, receptionist):
    first = register_patient(clinic, MARA, by=receptionist, key="once")
    again = register_patient(clinic, MARA, by=receptionist, key="once")

    assert first == again
    assert Patient.objects.count() == 1


def test_whoever_shares_a_phone_joins_the_household(clinic, receptionist):
    mother = register_patient(clinic, MARA, by=receptionist)
    son = register_patient(clinic, {"first_name": "Ari", "phone": "312 555 0142"}, by=receptionist)

    mother.refresh_from_db()
    assert son.household == mother.household
    assert PatientHousehold.objects.get().name == "Óscarsdóttir"


def test_whoever_is_paid_for_joins_the_household_of_the_payer(clinic, receptionist):
    mother = register_patient(clinic, MARA, by=receptionist)
    son = register_patient(clinic, {"first_name": "Ari", "responsible_party": mother}, by=receptionist)

    mother.refresh_from_db()
    assert son.household == mother.household
    assert son.household is not None
    assert (son.payer, mother.payer) == (mother, mother)


def test_strangers_share_no_household(clinic, receptionist):
    PatientFactory()

    assert register_patient(clinic, MARA, by=receptionist).household is None


@pytest.mark.parametrize(
    ("values", "broken"),
    [
        ({"notes": "somebody called"}, NobodyNamed),
        ({"first_name": "Eve", "date_of_birth": timezone.localdate() + timedelta(days=2)}, BornInTheFuture),
        ({"first_name": "Eve", "emr_system": "EPIC", "external_id": "E-1"}, KnownInTheEmr),
    ],
)
def test_register_patient_refuses(clinic, receptionist, values, broken):
    PatientFactory(emr_system="EPIC", external_id="E-1")

    with pytest.raises(broken):
        register_patient(clinic, values, by=receptionist)


def test_two_systems_may_use_one_external_id(clinic, receptionist):
    PatientFactory(emr_system="EPIC", external_id="E-1")

    register_patient(clinic, {"first_name": "Eve", "emr_system": "CERNER", "external_id": "E-1"}, by=receptionist)

    assert Patient.objects.filter(external_id="E-1").count() == 2
