from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from clinics.documents.rules import FileIsPurged, KindRefused
from clinics.tests.documents.files import HTML, PDF
from conftest import last_audit
from patients.documents import add_document, delete_document, purge_documents, restore_document
from patients.editing import erase_patient
from patients.models import PatientDocument
from patients.tests.factories import PatientFactory


def plan(name="plan.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def test_a_document_is_attached_once_under_a_name_that_tells_nothing(patient, receptionist):
    document = add_document(patient, plan(), by=receptionist, key="k")

    assert add_document(patient, plan(), by=receptionist, key="k") == document
    assert (document.name, "plan" in document.stored_as) == ("plan.pdf", False)
    assert last_audit(patient).action == "patients.document.added"
    with pytest.raises(KindRefused):
        add_document(patient, plan("page.html", HTML), by=receptionist)


def test_a_deleted_document_comes_back_until_its_file_is_removed(
    patient, receptionist, django_capture_on_commit_callbacks
):
    document = add_document(patient, plan(), by=receptionist)
    stored_as = document.stored_as
    assert restore_document(delete_document(document, by=receptionist), by=receptionist).deleted_at is None

    delete_document(document, by=receptionist)
    with django_capture_on_commit_callbacks(execute=True):
        assert purge_documents(now=timezone.now() + timedelta(days=8)) == 1
    assert not default_storage.exists(stored_as)
    with pytest.raises(FileIsPurged):
        restore_document(document, by=receptionist)


def test_erasing_a_patient_takes_the_documents_along(patient, owner, django_capture_on_commit_callbacks):
    document = add_document(patient, plan(), by=owner)
    with django_capture_on_commit_callbacks(execute=True):
        erase_patient(patient, typed_name="Iris Falk", by=owner)

    assert not PatientDocument.objects.exists() and not default_storage.exists(document.stored_as)


def test_patient_document_pages_attach_fetch_and_take_back(htmx_of, client_of, receptionist, viewer, stranger, patient):
    client = htmx_of(receptionist)
    sent = {"files": [plan(), plan("virus.exe", b"MZ")]}
    answer = client.post(reverse("patients:patient_document_add", args=[patient.pk]), sent)
    assert (answer.status_code, "virus.exe" in answer.content.decode()) == (422, True)

    document = PatientDocument.objects.get()
    address = reverse("patients:patient_document", args=[patient.pk, document.pk])
    fetched = client_of(viewer).get(address)
    assert (fetched.content, "sandbox" in fetched["Content-Security-Policy"]) == (PDF, True)
    assert client_of(stranger).get(address).status_code == 404
    other = reverse("patients:patient_document", args=[PatientFactory().pk, document.pk])
    assert client_of(viewer).get(other).status_code == 404
    gone = reverse("patients:patient_document_delete", args=[patient.pk, document.pk])
    assert client_of(viewer).post(gone).status_code == 403
    client.post(gone)
    assert client_of(viewer).get(address).status_code == 404
    client.post(reverse("patients:patient_document_restore", args=[patient.pk, document.pk]))
    assert "plan.pdf" in client_of(viewer).get(patient.get_absolute_url()).content.decode()
