from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import last_audit
from crm.activities import add_note
from crm.archiving import archive_lead
from crm.editing import edit_lead
from crm.intake import capture_lead
from crm.models import Lead, LeadMatchKey, LeadStatus, LeadSubmission, ReferringProvider, SourceCategory
from crm.pipeline import move_lead
from crm.quick_entry import add_call, take_back_call, withdraw_lead
from crm.referrers import asked_about, find_referrers, referred_by
from crm.rules import LeadIsLocked, NothingToUndo, UndoTooLate
from crm.tests.factories import LeadFactory, LeadSourceFactory
from patients.models import Patient

DOCTOR, PATIENT = SourceCategory.DOCTOR_REFERRAL, SourceCategory.PATIENT_REFERRAL


@pytest.fixture
def lead(clinic, coordinator):
    values = {"first_name": "Ana", "last_name": "Vega", "phone": "(212) 555-0101"}
    return capture_lead(clinic, values, by=coordinator, channel="STAFF")


def test_withdraw_lead_leaves_nothing_to_be_found(lead, coordinator):
    withdraw_lead(lead, by=coordinator)

    assert not Lead.objects.present().exists()
    assert not LeadMatchKey.objects.exists()
    assert last_audit(lead).action == "crm.lead.withdrawn"


def test_withdraw_lead_is_refused_once_somebody_worked_on_it(lead, coordinator):
    add_note(lead, "Wants mornings.", by=coordinator)

    with pytest.raises(NothingToUndo):
        withdraw_lead(lead, by=coordinator)


def test_withdraw_lead_is_refused_after_a_quarter_of_an_hour(lead, coordinator):
    Lead.objects.filter(pk=lead.pk).update(created_at=timezone.now() - timedelta(minutes=16))

    with pytest.raises(UndoTooLate):
        withdraw_lead(lead, by=coordinator)


def test_add_call_adds_one_touch_and_fills_in_what_was_not_known(lead, coordinator):
    source = LeadSourceFactory(name="Radio")
    for _press in range(2):
        add_call(lead, {"email": "ana@example.com", "first_name": "Anna", "source": source}, by=coordinator, key="k")

    lead.refresh_from_db()
    assert (lead.first_name, lead.email) == ("Ana", "ana@example.com")
    assert [touch.source for touch in lead.touchpoints.all()][-1] == source
    assert lead.touchpoints.count() == 2


def test_add_call_keeps_a_second_number_who_sent_them_and_no_half_of_another_address(clinic, lead, coordinator):
    Lead.objects.filter(pk=lead.pk).update(city="Lynn")
    sent = referred_by(DOCTOR, "Dr. Noor", by=coordinator)
    told = {"phone": "(212) 555-0102", "city": "Salem", "address_line1": "5 Main Street"}
    add_call(lead, told | sent, by=coordinator)

    lead.refresh_from_db()
    assert (lead.phone_e164, lead.phone_alt_e164) == ("+12125550101", "+12125550102")
    assert (lead.city, lead.address_line1, lead.referring_provider.name) == ("Lynn", "", "Dr. Noor")


def test_add_call_leaves_a_converted_lead_alone(lead, owner, stages):
    move_lead(lead, stages["treatment_started"], by=owner)

    with pytest.raises(LeadIsLocked):
        add_call(lead, {"email": "ana@example.com"}, by=owner)


def what_is_known(lead):
    lead.refresh_from_db()
    facts = (lead.email, lead.phone_alt_e164, lead.source, lead.treatment_interest, lead.status, lead.lost_reason)
    return (
        facts,
        lead.touchpoints.count(),
        lead.activities.filter(type="FORM_SUBMIT").count(),
        lead.tasks.open().count(),
    )


def test_a_call_added_to_the_wrong_card_is_taken_off_and_waits_aside(lead, coordinator):
    known, source = what_is_known(lead), LeadSourceFactory(name="Radio")
    told = {"phone": "(212) 555-0102", "email": "leo@example.com", "source": source, "treatment_interest": ["BRACES"]}
    inquiry = add_call(lead, told, by=coordinator)
    assert what_is_known(lead) != known

    for _press in range(2):
        take_back_call(LeadSubmission.objects.get(pk=inquiry.pk), by=coordinator)
    inquiry.refresh_from_db()
    assert what_is_known(lead) == known
    assert (inquiry.lead, inquiry.is_ignored, inquiry.payload["email"]) == (None, True, "leo@example.com")
    assert last_audit(lead).action == "crm.lead.activity_undone"


def test_what_somebody_has_corrected_since_stays_when_a_call_is_taken_off(lead, coordinator):
    inquiry = add_call(lead, {"email": "leo@example.com", "city": "Lynn"}, by=coordinator)
    lead.refresh_from_db()
    edit_lead(lead, {"email": "ana@example.com"}, version=lead.version, by=coordinator)

    take_back_call(inquiry, by=coordinator)
    lead.refresh_from_db()
    assert (lead.email, lead.city) == ("ana@example.com", "")


def test_a_card_that_a_call_brought_back_rests_again(lead, owner, stages):
    move_lead(lead, stages["lost"], by=owner, lost_reason="NO_RESPONSE")
    archive_lead(lead, by=owner)
    known = what_is_known(lead)
    inquiry = add_call(lead, {"email": "leo@example.com"}, by=owner)
    lead.refresh_from_db()
    assert (lead.status, lead.tasks.open().count()) == (LeadStatus.ACTIVE, 1)

    take_back_call(inquiry, by=owner)
    assert what_is_known(lead) == known


def test_a_call_is_not_taken_off_by_others_nor_later_nor_once_the_card_has_moved(lead, coordinator, owner, stages):
    move_lead(lead, stages["lost"], by=owner, lost_reason="NO_RESPONSE")
    inquiry = add_call(lead, {"email": "leo@example.com"}, by=coordinator)
    with pytest.raises(NothingToUndo):
        take_back_call(inquiry, by=owner)

    move_lead(lead, stages["contacted"], by=coordinator)
    with pytest.raises(NothingToUndo):
        take_back_call(inquiry, by=coordinator)
    LeadSubmission.objects.filter(pk=inquiry.pk).update(received_at=timezone.now() - timedelta(minutes=16))
    with pytest.raises(UndoTooLate):
        take_back_call(inquiry, by=coordinator)
    lead.refresh_from_db()
    assert lead.email == "leo@example.com"


def test_a_doctor_is_found_by_a_part_of_the_name_and_added_once(clinic, coordinator):
    first = referred_by(DOCTOR, " Dr.  Noor Haddad", by=coordinator)
    second = referred_by(DOCTOR, "dr. noor haddad", by=coordinator)

    assert first["referring_provider"] == second["referring_provider"] == ReferringProvider.objects.get()
    assert [found.label for found in find_referrers(DOCTOR, "haddad")] == ["Dr. Noor Haddad"]


def test_a_patient_who_recommended_is_linked_and_an_unknown_name_is_kept_as_it_was_said(clinic, coordinator):
    noor = Patient.objects.create(first_name="Noor", last_name="Haddad", name_key="noor haddad")

    assert referred_by(PATIENT, "Noor Haddad", by=coordinator)["referring_patient"] == noor
    unknown = {"referring_patient": None, "source_detail": "Aunt Rosa"}
    assert referred_by(PATIENT, "Aunt Rosa", by=coordinator) == unknown
    assert [found.row for found in find_referrers(PATIENT, "noo")] == [noor]


def test_other_sources_have_nobody_to_name(clinic, coordinator):
    assert referred_by(SourceCategory.WALK_IN, "Dr. Noor", by=coordinator) == {}
    assert find_referrers(SourceCategory.WALK_IN, "Noor") == []


def test_an_event_is_named_beside_the_source_and_what_nobody_asked_about_is_not(clinic, coordinator):
    event = LeadSourceFactory(category=SourceCategory.COMMUNITY_EVENT)
    nobody = LeadSourceFactory(category=SourceCategory.OTHER, is_unknown=True)

    assert referred_by(event.category, "Lakeside fair", by=coordinator) == {"source_detail": "Lakeside fair"}
    assert (asked_about(event), asked_about(nobody)) == ("detail", "")


def test_a_lead_keeps_who_sent_it(clinic, coordinator):
    values = {"first_name": "Leo"} | referred_by(DOCTOR, "Dr. Vega", by=coordinator)

    assert capture_lead(clinic, values, by=coordinator, channel="STAFF").referring_provider.name == "Dr. Vega"
    assert LeadFactory.build().referring_patient_id is None
