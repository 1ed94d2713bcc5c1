from crm.tests.factories import LeadFactory
from inbox.addresses import everybody_at
from inbox.models import Channel
from patients.tests.factories import PatientFactory


def test_everybody_at_finds_each_once_by_any_number_or_mail_and_no_lead_beside_the_patient_it_became(clinic):
    numbers = [f"+1312555010{number}" for number in range(3)]
    one = LeadFactory(phone=numbers[0], email="ana@example.com")
    two = LeadFactory(phone_alt=numbers[1], phone_alt_e164=numbers[1])
    patient = PatientFactory(phone=numbers[2], email="ben@example.com")
    LeadFactory(phone=numbers[2], converted_to_patient=patient)
    LeadFactory(phone="", email="")

    addresses = {(Channel.SMS, number) for number in numbers} | {(Channel.EMAIL, "ana@example.com")}

    assert {person.pk for person in everybody_at(addresses)} == {one.pk, two.pk, patient.pk}
    assert everybody_at({(Channel.INSTAGRAM_DM, "1784")}) == []
