import json
import zipfile
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile

from clinics.tests.documents.files import PDF
from conftest import last_audit
from crm.activities import add_note
from crm.conversion import Person, convert_lead
from crm.documents import add_document
from crm.models import Lead
from crm.tests.factories import LeadFactory
from inbox.tests.factories import ConversationFactory, MessageFactory
from patients.models import Patient


def test_lead_file_holds_everything_for_machines_and_for_people(coordinator, client_of):
    lead = LeadFactory(first_name="Ana", last_name="Vega", notes="=1+1")
    add_note(lead, "likes mornings", by=coordinator)
    add_document(lead, SimpleUploadedFile("plan.pdf", PDF), by=coordinator)
    MessageFactory(conversation=ConversationFactory(lead=lead), text="Are you open?")

    answer = client_of(coordinator).get(f"/leads/{lead.pk}/file/")

    file = zipfile.ZipFile(BytesIO(answer.content))
    known, table = json.loads(file.read("lead.json")), file.read("lead.csv").decode()
    assert file.namelist() == ["lead.json", "lead.csv", "documents/1 plan.pdf"]
    assert (known["lead"]["first_name"], known["activities"][0]["notes"]) == ("Ana", "likes mornings")
    assert known["messages"][0]["text"] == "Are you open?"
    assert "likes mornings" in table and "Are you open?" in table and "'=1+1" in table
    assert last_audit(lead).action == "crm.lead.handed_out"


def test_patient_file_tells_what_was_said_and_how_they_came(coordinator, client_of):
    lead = LeadFactory(first_name="Ana", last_name="Vega", notes="asks about braces")
    convert_lead(lead, [Person(values={"first_name": "Ana", "last_name": "Vega"})], by=coordinator)
    patient = Patient.objects.get()
    MessageFactory(conversation=ConversationFactory(patient=patient), text="Are you open?")

    known = json.loads(client_of(coordinator).get(f"/patients/{patient.pk}/file/").content)
    table = client_of(coordinator).get(f"/patients/{patient.pk}/file/", {"format": "csv"}).text

    assert known["leads"][0]["lead"]["notes"] == "asks about braces"
    assert "Are you open?" in str(known["messages"]) and "Are you open?" in table and "asks about braces" in table


def test_lead_file_and_lead_erase_are_for_those_who_may(receptionist, coordinator, client_of):
    lead = LeadFactory()

    assert client_of(receptionist).get(f"/leads/{lead.pk}/file/").status_code == 403
    assert client_of(coordinator).post(f"/leads/{lead.pk}/erase/").status_code == 403


def test_lead_erase_asks_for_the_name_and_says_that_it_was_wrong(owner, htmx_of, client_of):
    lead = LeadFactory(first_name="Ana", last_name="Vega")

    asked = htmx_of(owner).get(f"/leads/{lead.pk}/erase/")
    wrong = htmx_of(owner).post(f"/leads/{lead.pk}/erase/", {"typed_name": "Anna"})
    erased = client_of(owner).post(f"/leads/{lead.pk}/erase/", {"typed_name": "Ana Vega"})

    assert "Type the lead’s name" in asked.text
    assert (wrong.status_code, "exactly as it is shown" in wrong.text) == (422, True)
    assert (erased.status_code, erased.url, Lead.objects.exists()) == (302, "/leads/", False)
