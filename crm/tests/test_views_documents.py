import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from clinics.models import AuditLog
from clinics.tests.documents.files import HTML, PDF
from crm.documents import add_document
from crm.tests.factories import LeadFactory


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(assigned_to=coordinator)


@pytest.fixture
def document(lead, coordinator):
    return add_document(lead, SimpleUploadedFile("plan.pdf", PDF), by=coordinator)


def plan(name="plan.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def test_a_document_comes_as_a_download_that_no_browser_runs(client_of, coordinator, lead, document):
    response = client_of(coordinator).get(reverse("crm:lead_document", args=[lead.pk, document.pk]))

    assert response.content == PDF
    assert response["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]
    assert AuditLog.objects.about(lead).first().action == "crm.document.opened"


def test_documents_are_attached_and_the_refused_one_is_named(htmx_of, coordinator, lead):
    sent = {"files": [plan(), plan("evil.html", HTML)]}
    response = htmx_of(coordinator).post(reverse("crm:lead_document_add", args=[lead.pk]), sent)

    assert response.status_code == 422
    assert "evil.html: Only PDF" in response.content.decode()
    assert [document.name for document in lead.documents.all()] == ["plan.pdf"]


def test_attaching_without_script_goes_back_to_the_lead(client_of, coordinator, lead):
    response = client_of(coordinator).post(reverse("crm:lead_document_add", args=[lead.pk]), {"files": plan()})

    assert (response.status_code, response["Location"]) == (302, lead.get_absolute_url())


def test_nothing_chosen_is_said_so(htmx_of, coordinator, lead):
    assert htmx_of(coordinator).post(reverse("crm:lead_document_add", args=[lead.pk])).status_code == 422


def test_a_deleted_document_is_gone_and_undo_brings_it_back(htmx_of, coordinator, lead, document):
    page = htmx_of(coordinator)
    address = reverse("crm:lead_document", args=[lead.pk, document.pk])

    response = page.post(reverse("crm:lead_document_delete", args=[lead.pk, document.pk]))
    assert page.get(address).status_code == 404

    page.post(json.loads(response["HX-Trigger"])["toast"][0]["undo"])
    assert page.get(address).status_code == 200


def test_a_document_is_found_only_under_its_lead_its_clinic_and_by_who_may_read_leads(
    client_of, coordinator, stranger, marketer, document, lead
):
    address = reverse("crm:lead_document", args=[lead.pk, document.pk])
    elsewhere = reverse("crm:lead_document", args=[LeadFactory().pk, document.pk])

    assert client_of(coordinator).get(elsewhere).status_code == 404
    assert client_of(stranger).get(address).status_code == 404
    assert client_of(marketer).get(address).status_code == 403
    client = client_of(coordinator)
    client.logout()
    assert client.get(address).status_code == 302
