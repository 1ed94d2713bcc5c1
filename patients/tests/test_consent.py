from datetime import timedelta

from django.utils import timezone

from conftest import last_audit
from patients.consent import Decision, consent_table, decide_consent
from patients.models import Channel, Patient, PatientConsent, Purpose

YES, NO = Decision(Channel.SMS, Purpose.NEWS, True), Decision(Channel.SMS, Purpose.NEWS, False)


def test_decide_consent_keeps_each_word_and_the_last_holds(patient, coordinator):
    decide_consent(patient, YES, by=coordinator)
    consent = decide_consent(patient, NO, by=coordinator)

    assert (consent.is_given, consent.address) == (False, "+13125550101")
    assert PatientConsent.objects.filter(patient=patient).count() == 2
    assert [row.is_given for row in PatientConsent.objects.standing().filter(patient=patient)] == [False]
    assert last_audit(patient).action == "patients.consent.decided"


def test_decide_consent_written_down_late_does_not_overrule_what_was_said_later(patient, coordinator):
    decide_consent(patient, NO, by=coordinator)

    late = decide_consent(patient, YES, by=coordinator, decided_at=timezone.now() - timedelta(days=3))
    assert not late.is_given
    assert dict(dict(consent_table(patient))[Channel.SMS])[Purpose.NEWS] == late


def test_decide_consent_twice_the_same_is_one_word(patient, coordinator):
    assert decide_consent(patient, YES, by=coordinator) == decide_consent(patient, YES, by=coordinator)


def test_patients_are_found_by_what_they_agreed_to(patient, coordinator):
    asked = (Channel.SMS, Purpose.NEWS)
    assert list(Patient.objects.not_asked(*asked)) == [patient]
    decide_consent(patient, YES, by=coordinator)
    assert list(Patient.objects.agreeing(*asked)) == [patient]
    decide_consent(patient, NO, by=coordinator)
    assert list(Patient.objects.refusing(*asked)) == [patient]
    assert not Patient.objects.agreeing(*asked).exists()
