"""One row of each model of the list of patients, of recalls and of patients who are here twice; and their addresses."""

import uuid
from base64 import b64encode
from datetime import timedelta
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from clinics.models import BackgroundJob, PersonalKey, Tag
from patients.documents import add_document
from patients.duplicates.merging import merge_patients
from patients.models import (
    Patient,
    PatientAct,
    PatientActRow,
    PatientConsent,
    PatientDocument,
    PatientMerge,
    PatientPair,
    PatientSweep,
    PatientTag,
    RecallContact,
)
from patients.tests.factories import PatientConsentFactory, PatientFactory
from tests.isolation.rows import makes


def file_of(member):
    """A file of patients that a member has asked for."""
    job, is_new = BackgroundJob.objects.get_or_create(
        kind="patients.export", started_by=member, status="DONE", defaults={"title": f"{member.user.first_name}'s list"}
    )
    if is_new:
        name = default_storage.save(f"exports/{job.pk.hex}.csv", ContentFile(member.user.first_name.encode()))
        job.result, job.finished_at = {"rows": 1, "file": name}, timezone.now()
        job.save()
    return job.pk


ADDRESSES = {
    **dict.fromkeys(
        [
            "patients:patient_consent",
            "patients:patient_document",
            "patients:patient_document_add",
            "patients:patient_document_delete",
            "patients:patient_document_restore",
            "patients:patient_merge",
            "patients:patient_tag_add",
            "patients:patient_tag_remove",
            "patients:patient_tags",
        ],
        Patient,
    ),
    **dict.fromkeys(
        [
            "patients:patient_pair_detail",
            "patients:patient_pair_dismiss",
            "patients:patient_pair_merge",
            "patients:patient_pair_reopen",
        ],
        PatientPair,
    ),
    "patients:patient_bulk_csv": PatientAct,
    "patients:patient_bulk_detail": PatientAct,
    "patients:patient_bulk_undo": PatientAct,
    "patients:patient_export_file": lambda world, member: file_of(member),
    "patients:patient_merge_undo": PatientMerge,
    "patients:recall_ask": lambda world, member: someone_due(world).pk,
    "patients:recall_undo": RecallContact,
}


def someone_due(world):
    """A patient who should come again, a new one for each who asks: whoever was asked rests."""
    yesterday = timezone.localdate() - timedelta(days=1)
    known = Patient.objects.due_again(timezone.localdate()).filter(first_name=world.word).first()
    return known or PatientFactory(first_name=world.word, recall_due_on=yesterday)


@makes(PatientDocument)
def patient_document(world):
    file = SimpleUploadedFile(f"{world.word}.txt", f"{world.word} wears a brace".encode())
    return add_document(world[Patient], file, by=world.admin)


@makes(PatientTag)
def patient_tag(world):
    return PatientTag.objects.create(patient=world[Patient], tag=world[Tag])


@makes(PatientConsent)
def patient_consent(world):
    return PatientConsentFactory(patient=world[Patient], wording=f"{world.word} may write to me.")


@makes(PatientAct)
def patient_act(world):
    facts = {"tag": str(world[Tag].pk)}
    return PatientAct.objects.create(
        kind="TAG", title=f"Tag with {world.word}", facts=facts, by=world.admin, total_count=1
    )


@makes(PatientActRow)
def patient_act_row(world):
    return PatientActRow.objects.create(
        act=world[PatientAct], patient=world[Patient], place=1, reason=f"{world.word} was so already"
    )


@makes(RecallContact)
def recall_contact(world):
    return RecallContact.objects.create(
        patient=world[Patient],
        family=uuid.uuid4(),
        channel="SMS",
        contacted_at=timezone.now(),
        rests_until=timezone.localdate(),
        by=world.admin,
    )


@makes(PatientPair)
def patient_pair(world):
    """The first of a pair has the smaller id: smaller than anybody's, so that any patient may be the other."""
    smallest = PatientFactory(pk=UUID(int=uuid4().int >> 64), first_name=f"{world.word} twice")
    return PatientPair.objects.create(
        one=smallest, other=world[Patient], verdict="POSSIBLE", score=60, reasons=["phone_shared"], facts="0" * 64
    )


@makes(PatientSweep)
def patient_sweep(world):
    return PatientSweep.objects.create(found_count=3)


@makes(PatientMerge)
def patient_merge(world):
    """Two patients of their own are merged, so that the patient of the world stays as they are."""
    survivor, other = (PatientFactory(first_name=f"{world.word} {which}") for which in ("stays", "goes"))
    return merge_patients(survivor, other, by=world.admin)


@makes(PersonalKey)
def personal_key(world):
    return PersonalKey.objects.create(
        resource_type="patients.patient",
        resource_id=world[Patient].pk,
        secret=b64encode(bytes(32)).decode(),
    )


DOCUMENTS = dict.fromkeys(
    ["patients:patient_document", "patients:patient_document_delete", "patients:patient_document_restore"],
    PatientDocument,
)
# What is honestly sent to these addresses.
BODIES = {
    "patients:patient_bulk_run": lambda world: {"patient": world[Patient].pk, "tag": world[Tag].pk},
    "patients:patient_columns": lambda world: {"shown": "city", "order": "city", "size": 50},
    "patients:patient_consent": lambda world: {
        "channel": "SMS",
        "purpose": "NEWS",
        "answer": "yes",
        "source": "PHONE",
    },
    "patients:patient_merge": lambda world: {"other": world[Patient].pk},
    "patients:patient_pair_merge": lambda world: {"keep": world[Patient].pk},
    "patients:patient_tags": lambda world: {"tag": world[Tag].pk},
    "patients:recall_ask": lambda world: {"channel": "VOICE"},
}
