from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from clinics.models import AuditLog, BackgroundJob
from clinics.models.base import ClinicModel
from clinics.notifications import notify
from clinics.tests.documents.files import PDF
from conftest import last_audit
from crm.activities import add_note, add_task
from crm.conversion import Person, convert_lead
from crm.documents import add_document
from crm.duplicates.merging import merge_leads
from crm.editing import edit_lead
from crm.erasing import erase_lead
from crm.follow_up import change_task, undo_task_change
from crm.intake import capture_lead
from crm.models import FigureImport, Lead, LeadImport, LeadImportRow, LeadSubmission
from crm.rules import LeadIsBooked, LeadNameNotTyped
from crm.tests.factories import LeadFactory
from inbox.consent import may_send
from inbox.models import Channel, ContactConsent, MessageStatus, Purpose, Suppression
from inbox.rules import MessageIsGoing
from inbox.tests.factories import ContactConsentFactory, ConversationFactory, MessageFactory, SuppressionFactory
from patients.models import Appointment, Patient
from patients.tests.factories import AppointmentFactory

CANARY = "Zanzibarqueen"
PHONE = "+12125550177"
# What was agreed and refused is evidence, and stays with the address that it was said about.
EVIDENCE = {"inbox_contactconsent", "inbox_suppression"}


def tables_that_say(word):
    """The tables of clinics in which a word stands in any column, as the database holds it."""
    found = set()
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if issubclass(model, ClinicModel):
                table = model._meta.db_table
                cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table} t WHERE t::text ILIKE %s)", [f"%{word}%"])
                found |= {table} if cursor.fetchone()[0] else set()
    return found


@pytest.fixture
def canary(clinic, coordinator, owner):
    """A lead of whom every room of the clinic has heard, and whose name stands everywhere."""
    values = {"first_name": CANARY, "last_name": "Vega", "phone": PHONE, "email": f"{CANARY}@example.com"}
    values |= {"notes": f"{CANARY} asks", "source": None}
    lead = capture_lead(clinic, values, by=coordinator, channel=LeadSubmission.Channel.STAFF)
    lead = edit_lead(lead, {"city": CANARY}, version=lead.version, by=coordinator)
    add_note(lead, f"{CANARY} is shy", by=coordinator)
    task = add_task(lead, by=coordinator, title=f"Call {CANARY}", due_at=timezone.now() + timedelta(days=1))
    change_task(task, {"title": f"Ring {CANARY}"}, by=coordinator)
    add_document(lead, SimpleUploadedFile(f"{CANARY}.pdf", PDF), by=coordinator)
    notify(owner, "task_due", f"{CANARY} waits", url=lead.get_absolute_url())
    file = LeadImport.objects.create(
        file_name="old.csv", stored_as=default_storage.save("imports/x", SimpleUploadedFile("x", b"x")), size_bytes=1,
        digest="d", encoding="utf-8", separator=",", headers=["name"], columns=[{"samples": [CANARY]}],
        status=LeadImport.Status.DONE, corrections={"2": [CANARY]}, uploaded_by=owner,
    )  # fmt: skip
    for is_dry_run in (True, False):
        facts = {"lead": None if is_dry_run else lead, "is_dry_run": is_dry_run, "cells": [CANARY]}
        LeadImportRow.objects.create(lead_import=file, line=2, outcome="CREATED", **facts)
    refused = [{"line": 2, "problem": f"No lead fits: {CANARY.lower()}@example.com.", "state": "problem"}]
    FigureImport.objects.create(kind="EVENTS", file_name="paid.csv", rows=refused, row_count=1, problem_count=1)
    made = {"rows": 1, "file": default_storage.save("exports/x.csv", SimpleUploadedFile("x", CANARY.encode()))}
    BackgroundJob.objects.create(kind="crm.export", title="File of leads", status="DONE", result=made, started_by=owner)
    talk = ConversationFactory(lead=lead, last_message_preview=f"{CANARY}: hi")
    MessageFactory(conversation=talk, text=f"I am {CANARY}", address=PHONE)
    return lead


def test_after_erasing_a_lead_its_name_stands_in_no_table_but_the_evidence(canary, owner):
    ContactConsentFactory(address=PHONE, proof={"name": CANARY})
    said = tables_that_say(CANARY)

    counts = erase_lead(canary, typed_name=f" {CANARY}  Vega ", by=owner)

    assert {
        "crm_lead",
        "crm_leadtask",
        "crm_figureimport",
        "crm_leadactivity",
        "crm_leadimportrow",
        "inbox_unifiedmessage",
    } <= said
    assert tables_that_say(CANARY) == {"inbox_contactconsent"} <= EVIDENCE
    assert tables_that_say("12125550177") <= EVIDENCE
    assert (counts["leads"], counts["messages"], counts["documents"], counts["inquiries"]) == (1, 1, 1, 1)
    assert not LeadSubmission.objects.exists()
    assert not Lead.objects.filter(pk=canary.pk).exists()
    assert last_audit(canary).action == "crm.lead.erased"
    assert AuditLog.objects.about(canary).filter(action="crm.lead.edited").exists()


def test_files_go_when_the_erasing_stands(canary, owner, client_of, django_capture_on_commit_callbacks):
    stored_as, job = canary.documents.get().stored_as, BackgroundJob.objects.get()
    exported = job.result["file"]

    with django_capture_on_commit_callbacks(execute=True):
        erase_lead(canary, typed_name=canary.display_name, by=owner)

    assert not default_storage.exists(stored_as)
    assert LeadImport.objects.get().stored_as == ""
    job.refresh_from_db()
    assert not default_storage.exists(exported)
    assert (job.status, job.result, "was erased" in job.error) == ("CANCELLED", {"rows": 1}, True)
    assert client_of(owner).get(f"/leads/export/{job.pk}/").url == job.get_absolute_url()


def test_who_was_erased_and_comes_again_is_a_new_lead_that_agreed_to_nothing_and_still_refuses(canary, clinic, owner):
    ContactConsentFactory(address=PHONE, channel=Channel.SMS, purpose=Purpose.NEWS)
    SuppressionFactory(address=PHONE, channel=Channel.WHATSAPP)
    assert may_send(Channel.SMS, PHONE, Purpose.NEWS).reason == ""

    erase_lead(canary, typed_name=canary.display_name, by=owner)
    again = capture_lead(clinic, {"first_name": CANARY, "phone": PHONE}, by=owner, channel="STAFF")

    assert again.pk != canary.pk and Lead.objects.count() == 1
    assert may_send(Channel.SMS, PHONE, Purpose.NEWS).reason == "no_consent"
    assert may_send(Channel.WHATSAPP, PHONE, Purpose.CARE).reason in ("opted_out", "stopped_address")
    assert (ContactConsent.objects.count(), Suppression.objects.count()) == (1, 1)


def test_what_a_family_agreed_to_stands_while_somebody_is_reached_at_the_number(canary, owner):
    LeadFactory(phone=PHONE)
    ContactConsentFactory(address=PHONE)

    erase_lead(canary, typed_name=canary.display_name, by=owner)

    assert may_send(Channel.SMS, PHONE, Purpose.NEWS).reason == ""


def test_leads_that_were_merged_into_one_go_with_it(canary, owner):
    other = LeadFactory(first_name="Zan")
    merge_leads(canary, other, by=owner)

    erase_lead(Lead.objects.get(pk=canary.pk), typed_name=canary.display_name, by=owner)

    assert not Lead.objects.exists()


def test_a_patient_stays_and_tells_that_there_was_a_lead(canary, owner, client_of):
    convert_lead(canary, [Person(values={"first_name": "Maya", "last_name": "Vega"})], by=owner)

    erase_lead(Lead.objects.get(pk=canary.pk), typed_name=canary.display_name, by=owner)

    patient = Patient.objects.get()
    panel = client_of(owner).get(f"/leads/of-patient/{patient.pk}/", headers={"HX-Request": "true"})
    assert "Came as a lead of" in panel.text and "the lead was erased" in panel.text


def test_erasing_wants_the_name_no_consultation_ahead_and_no_message_on_its_way(canary, owner):
    with pytest.raises(LeadNameNotTyped):
        erase_lead(canary, typed_name="Ana", by=owner)

    canary.consultation = AppointmentFactory(patient=None, contact_name=CANARY, starts_at=timezone.now())
    Appointment.objects.update(ends_at=timezone.now() + timedelta(hours=1))
    canary.save()
    with pytest.raises(LeadIsBooked):
        erase_lead(canary, typed_name=canary.display_name, by=owner)

    Appointment.objects.update(
        starts_at=timezone.now() - timedelta(hours=2), ends_at=timezone.now() - timedelta(hours=1)
    )
    conversation = canary.conversations.get()
    going = {"status": MessageStatus.SENDING, "fence": uuid4(), "lease_until": timezone.now()}
    message = MessageFactory(conversation=conversation, direction="OUTBOUND", **going)
    with pytest.raises(MessageIsGoing):
        erase_lead(canary, typed_name=canary.display_name, by=owner)

    message.delete()
    erase_lead(canary, typed_name=canary.display_name, by=owner)
    assert Appointment.objects.get().contact_name == "•••"


def test_what_the_log_says_of_a_lead_is_sealed_and_a_change_of_a_task_is_still_undone(clinic, coordinator):
    lead = LeadFactory(assigned_to=coordinator)
    task = add_task(lead, by=coordinator, title="Call Ana", due_at=timezone.now() + timedelta(days=1))

    task = change_task(task, {"title": "Ring Ana"}, by=coordinator)
    sealed = AuditLog.objects.get(pk=task.change.pk)
    task = undo_task_change(task, sealed, by=coordinator)

    assert "Ana" not in str(sealed.before) + str(sealed.after)
    assert task.title == "Call Ana"
