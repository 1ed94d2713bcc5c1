"""Who has refused in another system is left in peace in this one, from the batch of a file on that says so."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clinics.jobs import run_job
from clinics.models import AuditLog
from crm.importing.undoing import start_undo
from crm.importing.uploading import accept_upload
from crm.importing.working import start_check, start_import
from crm.models import Lead
from crm.tests.factories import LeadFactory
from inbox.consent import Said, may_send, note_consent
from inbox.models import Channel, ConsentSource, ConsentState, ContactConsent, Purpose, Suppression
from patients.models import PatientConsent
from patients.tests.factories import PatientFactory

FILE = b"""Record ID,Name,Phone,Email,Email Opt-Out,Do Not Call,SMS Consent,Tags
1,Ana Ruiz,+13125550131,ana@x.com,TRUE,,,
2,Ben Moss,+13125550132,ben@x.com,,Y,No,
3,Cleo Ray,+13125550133,cleo@x.com,,,Yes,Do not contact
4,Dan Fox,+13125550134,dan@x.com,no,no,Yes,
5,Known Here,,,yes,,,
"""
BASED_ON = {"ana@x.com": Channel.EMAIL, "+13125550132": Channel.SMS, "+13125550133": Channel.VOICE}


@pytest.fixture
def bring_in(clinic, coordinator):
    """bring_in(): FILE, imported; the LeadImport as it is then."""

    def run(lead_import):
        lead_import.refresh_from_db()
        run_job(clinic, lead_import.job_id)
        lead_import.refresh_from_db()
        lead_import.job.refresh_from_db()
        assert lead_import.job.status == "DONE", lead_import.job.error
        return lead_import

    def bring():
        kept = accept_upload(clinic, SimpleUploadedFile("old crm.csv", FILE), by=coordinator)
        done = run(start_import(run(start_check(kept, by=coordinator)), by=coordinator))
        return done, lambda: run(start_undo(done, by=coordinator))

    return bring


def refused():
    """(channel, address) of everything that is refused for messages about care."""
    rows = ContactConsent.objects.standing().filter(state=ConsentState.OPTED_OUT, purpose=Purpose.CARE)
    return set(rows.values_list("channel", "address"))


def test_what_a_file_refuses_holds_with_its_leads_and_is_taken_back_with_them(bring_in, stages, coordinator):
    known = LeadFactory(first_name="Known", last_name="Here", external_id="5", email="known@x.com")
    agreed = Said(Channel.EMAIL, "ana@x.com", Purpose.CARE, ConsentState.OPTED_IN, ConsentSource.FORM)
    before = note_consent(agreed, by=coordinator)
    stopped = Said(Channel.EMAIL, "cleo@x.com", Purpose.CARE, ConsentState.OPTED_OUT, ConsentSource.MESSAGE)
    own_word = note_consent(stopped, by=coordinator)

    done, undo = bring_in()
    assert refused() == {
        ("EMAIL", "ana@x.com"),
        *((channel, "+13125550132") for channel in ("VOICE", "SMS", "WHATSAPP")),
        *((channel, "+13125550133") for channel in ("VOICE", "SMS", "WHATSAPP")),
        ("EMAIL", "cleo@x.com"),
        ("EMAIL", known.email_norm),
    }
    for address, channel in BASED_ON.items():
        assert may_send(channel, address, Purpose.CARE).reason == "opted_out"
        assert may_send(channel, address, Purpose.REPLY).reason == "opted_out"  # nor what a member writes by hand
    assert may_send(Channel.SMS, "+13125550134", Purpose.CARE).reason == ""
    assert may_send(Channel.SMS, "+13125550134", Purpose.NEWS).reason == "no_consent"  # a yes of a file permits nothing
    stop = Suppression.objects.standing().get(address="+13125550132", channel=Channel.SMS)
    assert (stop.because, stop.detail) == (
        "refused elsewhere, a file of leads says so",
        "old crm.csv, 3: SMS Consent: No",
    )
    entry = ContactConsent.objects.standing().get(address="ana@x.com", purpose=Purpose.CARE)
    assert (entry.proof["proof"], entry.proof["file"], entry.proof["row"]) == ("Email Opt-Out: TRUE", "old crm.csv", 2)
    own_word.refresh_from_db()
    assert (own_word.is_current, done.summary["refusals"], done.failed_count) == (True, 4, 1)
    assert Lead.objects.get(external_id="1").extra["Email Opt-Out"] == "TRUE"

    undone = undo()
    assert refused() == {("EMAIL", "cleo@x.com")}
    before.refresh_from_db()
    assert before.is_current
    assert may_send(Channel.EMAIL, "ana@x.com", Purpose.REPLY).reason == ""
    assert not Suppression.objects.standing().exists()
    assert undone.summary["undo"]["refusals"] == 5
    assert ContactConsent.objects.filter(proof__import=str(done.pk)).count() == 17
    assert AuditLog.objects.filter(action="inbox.consent.file_taken_back").count() == 1


def test_a_later_word_and_that_of_a_patient_outlive_the_undo(bring_in, stages, coordinator):
    patient = PatientFactory(phone="+13125550132", email="")
    _done, undo = bring_in()
    for purpose in (Purpose.CARE, Purpose.NEWS):
        again = Said(Channel.EMAIL, "ana@x.com", purpose, ConsentState.OPTED_IN, ConsentSource.PHONE)
        note_consent(again, by=coordinator)
    assert PatientConsent.objects.standing().filter(patient=patient, channel="SMS", is_given=False).count() == 2

    undo()
    assert may_send(Channel.EMAIL, "ana@x.com", Purpose.CARE).reason == ""
    assert may_send(Channel.SMS, "+13125550132", Purpose.CARE).reason == "opted_out"


def test_the_same_file_again_and_the_undo_of_one_of_the_two_leave_its_refusals(bring_in, stages):
    _first, undo_first = bring_in()
    _second, undo_second = bring_in()

    undo_first()
    assert may_send(Channel.EMAIL, "ana@x.com", Purpose.CARE).reason == "opted_out"
    assert may_send(Channel.EMAIL, "ana@x.com", Purpose.REPLY).reason == "opted_out"
    undo_second()
    assert refused() == set()
    assert not Suppression.objects.standing().exists()
