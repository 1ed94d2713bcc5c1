from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import last_audit
from patients.duplicates.merging import merge_patients, survivor_of, undo_merge
from patients.duplicates.rules import MergedFurther, MergeIsOld, NotWithItself, PatientWasMerged
from patients.editing import edit_patient
from patients.models import Patient, PatientConsent, PatientMerge
from patients.rules import PatientIsGone, SomebodyWasFaster
from patients.segments import follow_visits
from patients.tagging import tag_patient
from patients.tests.factories import (
    AppointmentFactory,
    PatientConsentFactory,
    PatientFactory,
    PaymentFactory,
    TagFactory,
    VisitFactory,
)


@pytest.fixture
def two(clinic, coordinator):
    """Mia, who is well known, and Mía, who was entered again with another number, a child and a life of her own."""
    mia = PatientFactory(first_name="Mia", last_name="Ruiz", email="mia@example.com", external_id="EPIC-1")
    again = PatientFactory(first_name="Mía", last_name="Ruiz", email="", notes="Latex allergy", do_not_contact=True)
    tag = TagFactory()
    for patient in (mia, again):
        VisitFactory(patient=patient, visit_date=timezone.now() - timedelta(days=100 if patient == mia else 10))
        tag_patient(patient, tag, by=coordinator)
        follow_visits(patient)
    AppointmentFactory(patient=again)
    PaymentFactory(patient=again)
    tag_patient(again, TagFactory(), by=coordinator)
    PatientFactory(first_name="Child", responsible_party=again)
    return mia, again


def picture():
    """Every patient with what hangs on them, as it can be compared."""
    kept = ("name_key", "phone_e164", "phone_alt_e164", "email_norm", "notes", "do_not_contact", "external_id")
    facts = {}
    for patient in Patient.objects.order_by("pk"):
        hanging = [patient.visits.count(), patient.appointments.count(), patient.payments.count()]
        hanging += [patient.tag_links.count(), patient.pays_for.count(), patient.visit_count, bool(patient.deleted_at)]
        words = sorted(patient.consents.values_list("channel", "is_given", "is_current"))
        facts[patient.pk] = ([getattr(patient, name) for name in kept], hanging, words)
    return facts


def test_merge_patients_keeps_everything_of_both(two, coordinator):
    mia, again = two
    merge_patients(mia, again, by=coordinator)

    mia.refresh_from_db()
    assert (mia.phone_alt_e164, mia.notes, mia.do_not_contact) == (again.phone_e164, "Latex allergy", True)
    assert (mia.visit_count, mia.appointments.count(), mia.payments.count(), mia.tag_links.count()) == (2, 1, 1, 2)
    assert [each.first_name for each in mia.pays_for.all()] == ["Child"]
    assert survivor_of(again.pk) == mia
    assert last_audit(again).action == "patients.patient.merged_away"


def test_undo_merge_makes_two_of_them_again_exactly(two, coordinator):
    before = picture()

    merge = merge_patients(*two, by=coordinator)
    assert picture() != before
    undo_merge(merge, by=coordinator)
    undo_merge(merge, by=coordinator)
    assert picture() == before


def test_undo_merge_keeps_what_somebody_changed_since(two, coordinator, owner):
    mia, again = two
    merge = merge_patients(mia, again, by=coordinator)
    mia.refresh_from_db()
    edit_patient(mia, {"notes": "Latex and nickel"}, version=mia.version, by=owner)

    _mia, _again, kept = undo_merge(merge, by=coordinator)
    assert kept == ["note of the desk"]
    mia.refresh_from_db()
    assert (mia.notes, mia.do_not_contact) == ("Latex and nickel", False)


def test_merge_patients_lets_the_later_word_about_consent_hold(two, coordinator):
    mia, again = two
    PatientConsentFactory(patient=mia, is_given=True, decided_at=timezone.now() - timedelta(days=3))
    PatientConsentFactory(patient=again, is_given=False)
    before = picture()

    merge = merge_patients(mia, again, by=coordinator)
    assert [row.is_given for row in PatientConsent.objects.standing().filter(patient=mia)] == [False]
    undo_merge(merge, by=coordinator)
    assert picture() == before


def test_merge_patients_takes_what_was_chosen(two, coordinator):
    mia, again = two
    merge_patients(mia, again, by=coordinator, choices={"first_name": "other", "phone": "survivor"})

    mia.refresh_from_db()
    assert (mia.first_name, mia.phone_alt) == ("Mía", "")


def test_merge_patients_refuses_what_cannot_be(two, coordinator):
    mia, again = two
    third = PatientFactory()
    with pytest.raises(NotWithItself):
        merge_patients(mia, mia, by=coordinator)
    with pytest.raises(SomebodyWasFaster):
        merge_patients(mia, again, by=coordinator, versions=(mia.version - 1, again.version))
    merge = merge_patients(mia, again, by=coordinator)
    assert merge_patients(mia, again, by=coordinator) == merge
    with pytest.raises(PatientWasMerged):
        merge_patients(third, again, by=coordinator)
    merge_patients(third, mia, by=coordinator)
    with pytest.raises(MergedFurther):
        undo_merge(merge, by=coordinator)
    assert survivor_of(again.pk) == third
    gone = PatientFactory(deleted_at=timezone.now())
    with pytest.raises(PatientIsGone):
        merge_patients(third, gone, by=coordinator)


def test_undo_merge_is_refused_after_14_days(two, coordinator):
    merge = merge_patients(*two, by=coordinator)
    PatientMerge.objects.update(created_at=timezone.now() - timedelta(days=15))

    with pytest.raises(MergeIsOld):
        undo_merge(merge, by=coordinator)
