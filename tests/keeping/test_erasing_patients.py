from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from clinics.models import StaffNotification, WebhookLog
from clinics.notifications import notify
from clinics.tests.documents.files import PDF
from inbox.following import erase_conversations
from inbox.models import UnifiedMessage
from inbox.tests.factories import ContactConsentFactory, ConversationFactory, MessageFactory
from patients.attendance import cancel_appointment
from patients.documents import add_document
from patients.editing import edit_patient, erase_patient
from patients.scheduling import book_appointment
from patients.tests.factories import PatientFactory, PaymentFactory, VisitFactory, WaitlistEntryFactory
from tests.keeping.test_erasing import CANARY, EVIDENCE, PHONE, tables_that_say


@pytest.fixture
def canary(clinic, owner):
    """A patient of whom every room of the clinic has heard, and whose name stands everywhere."""
    patient = PatientFactory(
        first_name=CANARY, last_name="Vega", phone=PHONE, phone_e164=PHONE, email=f"{CANARY}@example.com"
    )
    patient = edit_patient(patient, {"city": CANARY, "notes": f"{CANARY} is shy"}, version=patient.version, by=owner)
    times = {"starts_at": timezone.now() + timedelta(days=2), "notes": f"{CANARY} comes alone"}
    visit = book_appointment({"patient": patient} | times, by=owner, anyway=True)
    cancel_appointment(visit, reason="PATIENT", note=f"{CANARY} is ill", by=owner)
    PaymentFactory(patient=patient, note=f"paid by {CANARY}", visit=VisitFactory(patient=patient, notes=CANARY))
    WaitlistEntryFactory(patient=patient, note=f"{CANARY} at once")
    add_document(patient, SimpleUploadedFile(f"{CANARY}.pdf", PDF), by=owner)
    notify(owner, "task_due", f"{CANARY} Vega waits", url=patient.get_absolute_url())
    talk = ConversationFactory(patient=patient, last_message_preview=f"{CANARY}: hi")
    message = MessageFactory(conversation=talk, text=f"I am {CANARY}", address=PHONE)
    WebhookLog.objects.create(
        source="TWILIO", event_type="message", payload={"Body": CANARY}, status="PROCESSED",
        resource_type="inbox.unifiedmessage", resource_id=message.pk,
    )  # fmt: skip
    return patient


def test_after_erasing_a_patient_their_name_stands_in_no_table_but_the_evidence(canary, owner):
    ContactConsentFactory(address=PHONE, proof={"name": CANARY})
    said = tables_that_say(CANARY)

    erase_patient(canary, typed_name=f"{CANARY} Vega", by=owner)
    canary.refresh_from_db()
    erase_conversations(canary)

    assert {"patients_patient", "patients_appointment", "patients_payment", "inbox_unifiedmessage"} <= said
    assert tables_that_say(CANARY) <= EVIDENCE
    assert tables_that_say("12125550177") <= EVIDENCE
    assert WebhookLog.objects.get().payload is None
    assert (UnifiedMessage.objects.count(), StaffNotification.objects.count()) == (1, 0)
