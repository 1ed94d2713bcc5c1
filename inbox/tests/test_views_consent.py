import io
import json
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from clinics.models import BackgroundJob
from inbox.consent import opt_out
from inbox.consent_flow import keep_for_address, tell_patients
from inbox.conversations import conversation_with
from inbox.models import ConsentSource, ContactConsent
from inbox.tests.factories import ContactConsentFactory
from patients.consent import Decision, decide_consent
from patients.models import PatientConsent
from patients.tests.factories import PatientFactory

NUMBER = "+17735550101"


def patient_with(number=NUMBER, **facts):
    return PatientFactory(phone=number, phone_e164=number, **facts)


def test_conversation_consent_shows_what_holds_and_every_word_with_its_proof(client_of, coordinator):
    conversation = conversation_with(patient_with())
    ContactConsentFactory(address=NUMBER, proof={"words": "yes please"})
    ContactConsentFactory(address="+17735550999", proof={"words": "of somebody else"})
    opt_out("SMS", NUMBER, source=ConsentSource.MESSAGE, proof={"words": "STOP"})

    page = client_of(coordinator).get(reverse("inbox:conversation_consent", args=[conversation.pk])).content.decode()

    assert "yes please" in page
    assert "of somebody else" not in page
    assert page.count("badge--red") == 2


def test_conversation_consent_note_writes_down_what_was_said_at_the_desk(client_of, coordinator):
    conversation = conversation_with(patient_with())
    said = {"place": f"SMS {NUMBER}", "purpose": "NEWS", "state": "OPTED_IN", "source": "PAPER", "wording": "I agree"}
    address = reverse("inbox:conversation_consent_note", args=[conversation.pk])

    assert client_of(coordinator).post(address, said | {"place": "SMS +10000000000"}).status_code == 422
    assert client_of(coordinator).post(address, said).status_code == 302

    entry = ContactConsent.objects.get()
    assert (entry.address, entry.state, entry.source, entry.by) == (NUMBER, "OPTED_IN", "PAPER", coordinator)


def test_conversation_evidence_is_a_file_of_the_whole_ledger(client_of, coordinator):
    conversation = conversation_with(patient_with())
    opt_out("SMS", NUMBER, source=ConsentSource.MESSAGE, proof={"words": "STOP"})

    answer = client_of(coordinator).get(reverse("inbox:conversation_evidence", args=[conversation.pk]))

    evidence = json.loads(answer.content)
    assert [row["proof"]["words"] for row in evidence["consents"]] == ["STOP", "STOP"]
    assert [row["because"] for row in evidence["stops"]] == ["STOP"]


def test_consent_import_takes_only_rows_with_a_proof_and_the_same_file_once(
    client_of, owner, django_capture_on_commit_callbacks
):
    file = (
        "Address,Channel,Purpose,Agreed,When,Proof\n"
        "(773) 555-0101,text,news,yes,2025-03-14,Paper form 17\n"
        "ana@example.com,E-mail,news,no,2025-03-15,Their mail of that day\n"
        "+17735550102,sms,news,yes,2025-03-14,\n"
        "nobody,e-mail,care,yes,2025-03-14,Paper\n"
        "+17735550103,sms,gossip,yes,2025-03-14,Paper\n"
        "+17735550104,sms,care,yes,,Paper\n"
    )
    browser = client_of(owner)
    for _time in range(2):
        upload = io.BytesIO(file.encode())
        upload.name = "consents.csv"
        with django_capture_on_commit_callbacks(execute=True):
            answer = browser.post(reverse("inbox:consent_import"), {"file": upload})
        assert answer.status_code == 302

    first, again = BackgroundJob.objects.filter(kind="inbox.consent_import").order_by("pk")
    assert (first.result["noted"], first.result["known"]) == (2, 0)
    assert (again.result["noted"], again.result["known"]) == (0, 2)
    assert [line for line, _why in first.result["refused"]] == [4, 5, 6, 7]
    entry = ContactConsent.objects.get(address=NUMBER)
    assert entry.proof == {"proof": "Paper form 17", "file": "consents.csv", "row": 2}
    page = browser.get(reverse("inbox:consent_import_detail", args=[first.pk])).content.decode()
    assert "A consent without proof is not taken" in page


def test_consent_import_names_the_columns_that_it_needs(client_of, owner):
    upload = io.BytesIO(b"Address,Channel\n+17735550101,sms\n")
    upload.name = "consents.csv"

    answer = client_of(owner).post(reverse("inbox:consent_import"), {"file": upload})

    assert answer.status_code == 422
    assert "agreed, when and proof" in answer.content.decode()


def test_what_a_patient_agreed_to_is_kept_for_their_address(clinic, coordinator):
    patient = patient_with()
    decide_consent(patient, Decision("SMS", "NEWS", True, "PAPER", "I agree"), by=coordinator)

    keep_for_address(patient, "SMS", "NEWS")
    keep_for_address(patient, "SMS", "NEWS")

    entry = ContactConsent.objects.get()
    facts = (entry.address, entry.state, entry.source, entry.wording_text, entry.by)
    assert facts == (NUMBER, "OPTED_IN", "PAPER", "I agree", coordinator)


def test_an_older_yes_of_a_patient_does_not_undo_a_later_stop(clinic, coordinator):
    patient = patient_with()
    yesterday = timezone.now() - timedelta(days=1)
    decide_consent(patient, Decision("SMS", "NEWS", True), by=coordinator, decided_at=yesterday)
    opt_out("SMS", NUMBER, source=ConsentSource.MESSAGE)

    keep_for_address(patient, "SMS", "NEWS")

    assert ContactConsent.objects.standing().get(purpose="NEWS").state == "OPTED_OUT"


def test_a_refusal_is_written_down_for_every_patient_of_the_number_and_a_yes_for_none(clinic, coordinator):
    parent, child = patient_with(), patient_with()
    decide_consent(parent, Decision("SMS", "NEWS", True), by=coordinator, decided_at=timezone.now() - timedelta(days=1))
    opt_out("SMS", NUMBER, source=ConsentSource.PROVIDER)
    entry = ContactConsent.objects.standing().get(purpose="NEWS")

    assert set(tell_patients(entry)) == {parent, child}
    assert tell_patients(entry) == []

    standing = PatientConsent.objects.standing().values_list("patient", "is_given")
    assert sorted(standing) == sorted([(parent.pk, False), (child.pk, False)])
    assert tell_patients(ContactConsentFactory(address=NUMBER, channel="WHATSAPP")) == []
