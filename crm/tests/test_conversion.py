from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from clinics.models import AuditLog
from conftest import last_audit
from crm.activities import add_note
from crm.conversion import Person, convert_lead, people_here_already
from crm.conversion_undoing import undo_conversion
from crm.documents import add_document
from crm.editing import edit_lead
from crm.models import ConvertedPatient, LeadStatus, LeadSubmission
from crm.pipeline import move_lead, undo_move
from crm.rules import ConversionTooOld, HasPatients, LeadIsLocked, LeadIsLost, NobodyToConvert, SamePersonTwice
from crm.tagging import tag_lead
from crm.tests.factories import LeadFactory, TagFactory
from patients.models import Appointment, Patient
from patients.tests.factories import PatientFactory, VisitFactory

MAYA = {"first_name": "Maya", "last_name": "Vega", "date_of_birth": date(2014, 5, 3)}
LEO = {"first_name": "Leo", "last_name": "Vega", "date_of_birth": date(2016, 8, 1)}
ANA = {"first_name": "Ana", "last_name": "Vega"}


@pytest.fixture
def lead(clinic, coordinator):
    """A parent who asked for a child."""
    return LeadFactory(
        assigned_to=coordinator,
        first_name="Ana",
        last_name="Vega",
        phone="+12125550101",
        email="ana@example.com",
        city="Chicago",
        patient_relationship="CHILD",
        patient_first_name="Maya",
    )


def person(values):
    return Person(values=values)


def test_a_parent_and_two_children_become_three_patients_and_one_pays(lead, coordinator):
    conversion = convert_lead(lead, [person(MAYA), person(LEO)], by=coordinator, payer=person(ANA))

    lead.refresh_from_db()
    ana, maya, leo = [came.patient for came in ConvertedPatient.objects.of_lead(lead)]
    assert (lead.status, lead.stage.kind, lead.converted_to_patient) == (LeadStatus.CONVERTED, "WON", maya)
    assert (maya.responsible_party, leo.responsible_party, ana.responsible_party) == (ana, ana, None)
    assert (maya.phone_e164, maya.email_norm, maya.city, maya.date_of_birth) == (
        "+12125550101",
        "ana@example.com",
        "Chicago",
        date(2014, 5, 3),
    )
    assert maya.household == leo.household == Patient.objects.get(pk=ana.pk).household
    assert conversion.by == coordinator


def test_a_conversion_is_on_record_with_what_was_before(lead, coordinator):
    convert_lead(lead, [person(MAYA)], by=coordinator)

    recorded = last_audit(lead)
    assert recorded.action == "crm.lead.became_patients"
    assert recorded.before == {"converted_to_patient": None}
    assert recorded.after["patients"] == [str(Patient.objects.get().pk)]
    assert AuditLog.objects.about(lead).filter(action="crm.lead.converted").count() == 1


def test_somebody_who_is_a_patient_already_is_not_made_again(lead, coordinator):
    maya = PatientFactory(first_name="Maya", last_name="Vega")
    convert_lead(lead, [Person(known=maya)], by=coordinator, payer=person(ANA))

    maya.refresh_from_db()
    assert Patient.objects.count() == 2
    assert maya.responsible_party.first_name == "Ana"
    assert not ConvertedPatient.objects.get(patient=maya).was_created


def test_the_lead_of_a_minimal_clinic_becomes_a_patient_by_first_name_alone(clinic, coordinator):
    clinic.lead_privacy = "MINIMAL"
    clinic.save()
    lead = LeadFactory(assigned_to=coordinator, first_name="Zoe", last_name="")
    convert_lead(lead, [person({"first_name": "Zoe"})], by=coordinator)

    assert Patient.objects.get().display_name == "Zoe"


def test_a_lead_that_was_only_moved_gets_its_patients_afterwards(lead, coordinator, stages):
    move_lead(lead, stages["treatment_started"], by=coordinator)
    convert_lead(lead, [person(MAYA)], by=coordinator)

    assert (Patient.objects.count(), lead.stage_changes.count()) == (1, 1)


def test_a_converted_lead_is_locked_for_every_verb_and_converts_once(lead, coordinator):
    convert_lead(lead, [person(MAYA)], by=coordinator)

    with pytest.raises(LeadIsLocked):
        convert_lead(lead, [person(MAYA)], by=coordinator)
    with pytest.raises(LeadIsLocked):
        add_note(lead, "Too late", by=coordinator)
    with pytest.raises(LeadIsLocked):
        edit_lead(lead, {"city": "Cicero"}, version=lead.version, by=coordinator)


@pytest.mark.parametrize(("people", "error"), [([], NobodyToConvert), ([person(MAYA), person(MAYA)], SamePersonTwice)])
def test_a_conversion_needs_people_and_each_of_them_once(lead, coordinator, people, error):
    with pytest.raises(error):
        convert_lead(lead, people, by=coordinator)


def test_a_lost_lead_is_reopened_before_it_converts(lead, coordinator, stages):
    move_lead(lead, stages["lost"], by=coordinator, lost_reason="OTHER")

    with pytest.raises(LeadIsLost):
        convert_lead(lead, [person(MAYA)], by=coordinator)
    assert not Patient.objects.exists()


def test_the_consultation_becomes_the_patients_and_an_undo_gives_it_back(lead, coordinator, owner):
    start = timezone.now() + timedelta(days=1)
    lead.consultation = Appointment.objects.create(
        contact_name="Maya Vega", starts_at=start, ends_at=start + timedelta(hours=1)
    )
    lead.save()
    conversion = convert_lead(lead, [person(MAYA)], by=coordinator)
    assert Appointment.objects.get().patient.first_name == "Maya"

    assert undo_conversion(conversion, by=owner) == []
    assert Appointment.objects.get().patient is None


def test_an_undone_conversion_leaves_the_lead_as_it_was_and_no_new_patient(lead, owner, stages):
    move_lead(lead, stages["pending_decision"], by=owner)
    document_count = lead.documents.count()
    conversion = convert_lead(lead, [person(MAYA), person(LEO)], by=owner, payer=person(ANA))

    kept = undo_conversion(conversion, by=owner)
    lead.refresh_from_db()
    assert (kept, Patient.objects.present().count(), lead.documents.count()) == ([], 0, document_count)
    assert (lead.status, lead.stage.slug, lead.converted_at, lead.converted_to_patient) == (
        "ACTIVE",
        "pending_decision",
        None,
        None,
    )
    assert last_audit(lead).action == "crm.lead.conversion_undone"
    convert_lead(lead, [person(MAYA)], by=owner)


def test_a_patient_with_a_life_stays_and_it_is_said_why(lead, owner):
    conversion = convert_lead(lead, [person(MAYA), person(LEO)], by=owner, payer=person(ANA))
    VisitFactory(patient=Patient.objects.get(first_name="Maya"))

    kept = undo_conversion(conversion, by=owner)
    assert [(patient.first_name, str(why)) for patient, why in kept] == [
        ("Maya", "has visits"),
        ("Ana", "pays for others"),
    ]
    assert set(Patient.objects.present().values_list("first_name", flat=True)) == {"Maya", "Ana"}


def test_a_patient_who_was_here_before_stays_without_a_word(lead, owner):
    maya = PatientFactory(first_name="Maya", last_name="Vega")

    assert undo_conversion(convert_lead(lead, [Person(known=maya)], by=owner), by=owner) == []
    assert Patient.objects.present().get() == maya


def test_a_conversion_is_undone_within_a_day(lead, owner, time_machine):
    conversion = convert_lead(lead, [person(MAYA)], by=owner)
    time_machine.move_to(timezone.now() + timedelta(hours=25))

    with pytest.raises(ConversionTooOld):
        undo_conversion(conversion, by=owner)


def test_the_undo_of_a_move_does_not_take_patients_from_a_lead(lead, coordinator):
    convert_lead(lead, [person(MAYA)], by=coordinator)

    with pytest.raises(HasPatients):
        undo_move(lead.stage_changes.get(), by=coordinator)


def test_documents_and_touches_stay_where_the_patient_finds_them(lead, coordinator):
    add_document(lead, SimpleUploadedFile("plan.txt", b"The plan"), by=coordinator)
    convert_lead(lead, [person(MAYA)], by=coordinator)

    came = ConvertedPatient.objects.of_patient(Patient.objects.get()).get()
    assert came.conversion.lead.documents.present().get().name == "plan.txt"


def test_people_who_may_be_here_already_are_found_and_the_same_one_told(lead):
    sister = PatientFactory(first_name="Lucia", last_name="Vega", phone="+12125550101")
    maya = PatientFactory(first_name="Máya", last_name="Vega", phone="+12125550101")
    PatientFactory(first_name="Maya", last_name="Stone")

    found = people_here_already(lead, first_name="Maya", last_name="Vega")
    assert found == [(maya, True), (sister, False)]


def test_the_same_name_with_another_birth_date_is_another_person(lead):
    PatientFactory(first_name="Maya", last_name="Vega", phone="+12125550101", date_of_birth=date(1980, 1, 1))

    found = people_here_already(lead, first_name="Maya", last_name="Vega", born_on=date(2014, 5, 3))
    assert [is_same for _patient, is_same in found] == [False]


def test_tags_and_what_was_agreed_to_follow_a_med_spa_client_who_is_a_patient_already(lead, coordinator, owner):
    tag = TagFactory(name="VIP")
    tag_lead(lead, tag, by=coordinator)
    payload = {
        "posted": {"consent": ["on"], "news": [""]},
        "agreement": {"consent": "You may call me.", "news": "News"},
    }
    facts = {"channel": LeadSubmission.Channel.WEBFORM, "received_at": timezone.now(), "due_at": timezone.now()}
    LeadSubmission.objects.create(lead=lead, payload=payload, **facts)
    known = PatientFactory()

    conversion = convert_lead(lead, [Person(known=known)], by=coordinator)
    assert [link.tag for link in known.tag_links.all()] == [tag]
    agreed = known.consents.standing().order_by("channel").values_list("channel", "purpose", "wording", "source")
    assert set(agreed) == {(channel, "CARE", "You may call me.", "FORM") for channel in ("SMS", "VOICE", "EMAIL")}

    assert undo_conversion(conversion, by=owner) == []
    assert known.consents.standing().count() == 3
