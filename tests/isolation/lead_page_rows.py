"""One row of each model that hangs on a lead's page: its documents, and the patients it became."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from crm.documents import add_document
from crm.models import ConvertedPatient, Lead, LeadActivity, LeadConversion, LeadDocument
from crm.tests.factories import LeadFactory
from patients.models import Patient
from tests.isolation.rows import makes


@makes(LeadDocument)
def lead_document(world):
    return add_document(world[Lead], SimpleUploadedFile(f"{world.word}.txt", world.word.encode()), by=world.admin)


@makes(LeadConversion)
def lead_conversion(world):
    """Of a second lead, so that the first one is not locked."""
    second = LeadFactory(first_name=f"{world.word} two", assigned_to=world.admin)
    return LeadConversion.objects.create(lead=second, by=world.admin, converted_at=timezone.now())


@makes(ConvertedPatient)
def converted_patient(world):
    return ConvertedPatient.objects.create(conversion=world[LeadConversion], patient=world[Patient])


def assignment_in(world):
    return LeadActivity.objects.get_or_create(
        lead=world[Lead],
        type="ASSIGNMENT_CHANGE",
        defaults={
            "occurred_at": world[LeadActivity].occurred_at,
            "by": world.admin,
            "payload": {"from_id": str(world.admin.pk), "to_id": str(world[Lead].assigned_to_id)},
        },
    )[0].pk
