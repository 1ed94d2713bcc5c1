from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from clinics.documents.reading import safe_name
from clinics.documents.rules import FileIsPurged, KindRefused, TooManyDocuments
from clinics.tests.documents.files import HTML, PDF
from conftest import last_audit
from crm.documents import add_document, delete_document, purge_documents, restore_document
from crm.models import LeadDocument
from crm.pipeline import move_lead
from crm.rules import LeadIsLocked
from crm.tests.factories import LeadFactory


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(assigned_to=coordinator)


def plan(name="plan.pdf"):
    return SimpleUploadedFile(name, PDF)


def test_a_document_is_kept_under_a_name_that_tells_nothing(lead, coordinator):
    document = add_document(lead, plan(), by=coordinator)

    assert (document.name, document.content_type, document.added_by) == ("plan.pdf", "application/pdf", coordinator)
    assert "plan" not in document.stored_as and "pdf" not in document.stored_as
    assert default_storage.open(document.stored_as).read() == PDF
    assert lead.activities.get().payload["name"] == "plan.pdf"
    assert last_audit(lead).action == "crm.document.added"


def test_the_same_key_attaches_a_document_once(lead, coordinator):
    add_document(lead, plan(), by=coordinator, key="k")
    add_document(lead, plan(), by=coordinator, key="k")

    assert lead.documents.count() == 1


def test_a_refused_file_leaves_nothing_behind(lead, coordinator, settings):
    with pytest.raises(KindRefused):
        add_document(lead, SimpleUploadedFile("page.html", HTML), by=coordinator)

    assert not lead.documents.exists()
    assert not list(settings.MEDIA_ROOT.rglob("*")) if settings.MEDIA_ROOT.exists() else True


def test_a_lead_has_an_end_of_documents(lead, coordinator):
    LeadDocument.objects.bulk_create(
        LeadDocument(lead=lead, name="x", stored_as="x", content_type="text/plain", size_bytes=1) for _ in range(200)
    )

    with pytest.raises(TooManyDocuments):
        add_document(lead, plan(), by=coordinator)


def test_a_deleted_document_comes_back_whole(lead, coordinator):
    document = add_document(lead, plan(), by=coordinator)

    delete_document(document, by=coordinator)
    assert not lead.documents.present().exists() and not lead.activities.exists()

    restore_document(document, by=coordinator)
    assert lead.documents.present().get() == document
    assert lead.activities.get().occurred_at == document.created_at


def test_a_converted_lead_keeps_its_documents_as_they_are(lead, owner, stages):
    document = add_document(lead, plan(), by=owner)
    move_lead(lead, stages["treatment_started"], by=owner)

    with pytest.raises(LeadIsLocked):
        delete_document(document, by=owner)
    with pytest.raises(LeadIsLocked):
        add_document(lead, plan(), by=owner)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\ana\\plan.pdf", "plan.pdf"),
        ("plan\u202e.pdf", "plan.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
        ("<img src=x>.pdf", "_img src=x_.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("", "document"),
    ],
)
def test_a_name_is_only_a_name(sent, kept):
    assert safe_name(sent) == kept


def test_the_file_of_a_deleted_document_goes_once_it_can_no_longer_be_brought_back(
    lead, coordinator, django_capture_on_commit_callbacks
):
    kept = add_document(lead, plan("kept.pdf"), by=coordinator)
    gone = delete_document(add_document(lead, plan(), by=coordinator), by=coordinator)
    stored_as, now = gone.stored_as, timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        assert [purge_documents(now=now + timedelta(days=days)) for days in (6, 8, 9)] == [0, 1, 0]

    assert default_storage.exists(kept.stored_as) and not default_storage.exists(stored_as)
    assert last_audit(lead).action == "crm.document.purged"
    with pytest.raises(FileIsPurged):
        restore_document(gone, by=coordinator)
