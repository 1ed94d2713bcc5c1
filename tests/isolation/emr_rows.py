"""One row of each model of the EMR."""

from django.utils import timezone

from patients.models import (
    Appointment,
    EmrChange,
    EmrConnection,
    EmrFile,
    EmrIssue,
    EmrKey,
    EmrRecord,
    EmrRun,
    EmrWrite,
    Patient,
)
from tests.isolation.addresses import ROWS
from tests.isolation.rows import makes


@makes(EmrConnection)
def emr_connection(world):
    return EmrConnection.objects.create(
        name=f"{world.word} EMR",
        base_url=f"https://fhir.{world.word}.example/r4",
        client_id=world.word,
        last_error=f"{world.word} does not answer",
        created_by=world.admin,
    )


@makes(EmrFile)
def emr_file(world):
    return EmrFile.objects.create(
        name=f"{world.word}.ndjson",
        digest=world.word,
        size_bytes=1,
        connection=world[EmrConnection],
        uploaded_by=world.admin,
    )


@makes(EmrRun)
def emr_run(world):
    return EmrRun.objects.create(
        connection=world[EmrConnection],
        file=world[EmrFile],
        kind="FILE",
        status="DONE",
        error=f"{world.word} broke off",
    )


@makes(EmrRecord)
def emr_record(world):
    return EmrRecord.objects.create(
        connection=world[EmrConnection],
        resource_type="Patient",
        external_id=f"{world.word}-9",
        digest=world.word,
        state="WAITING",
        seen={"first_name": world.word},
        patient=world[Patient],
        run=world[EmrRun],
    )


@makes(EmrChange)
def emr_change(world):
    return EmrChange.objects.create(
        run=world[EmrRun], record=world[EmrRecord], before={"first_name": ""}, after={"first_name": world.word}
    )


@makes(EmrIssue)
def emr_issue(world):
    return EmrIssue.objects.create(
        connection=world[EmrConnection],
        run=world[EmrRun],
        record=world[EmrRecord],
        resource_type="Patient",
        external_id=f"{world.word}-9",
        kind="CONFLICT",
        code="both_changed",
        fields=["name"],
        payload={"resourceType": "Patient", "id": f"{world.word}-9", "name": [{"family": f"{world.word} EMR name"}]},
    )


@makes(EmrKey)
def emr_key(world):
    return EmrKey.objects.create(
        connection=world[EmrConnection],
        kid=f"{world.word}-kid",
        algorithm="ES384",
        public_jwk={"kty": "EC", "kid": f"{world.word}-kid"},
        private_pem=f"{world.word} private",
        signs_from=timezone.now(),
    )


@makes(EmrWrite)
def emr_write(world):
    return EmrWrite.objects.create(
        connection=world[EmrConnection],
        appointment=world[Appointment],
        wanted_version=1,
        status="FAILED",
        error=f"{world.word} was not accepted",
    )


def decided(world, member):
    """A run in which a person of this world decided something."""
    run = EmrRun.objects.filter(kind="REVIEW", status="DONE").first()
    return (run or EmrRun.objects.create(connection=world[EmrConnection], kind="REVIEW", status="DONE")).pk


def asking(world, member):
    """A look for deletions of this world that waits for somebody's word."""
    run = EmrRun.objects.filter(kind="SWEEP", status="STOPPED").first()
    facts = {"connection": world[EmrConnection], "kind": "SWEEP", "status": "STOPPED"}
    return (run or EmrRun.objects.create(**facts, cursor={"asks": True, "missing": {"Patient": [9, 9]}})).pk


def swept(world, member):
    """A look for deletions of this world that took something away."""
    run = EmrRun.objects.filter(kind="SWEEP", status="DONE").first()
    facts = {"connection": world[EmrConnection], "kind": "SWEEP", "status": "DONE", "changed_count": 1}
    return (run or EmrRun.objects.create(**facts, ended_at=timezone.now())).pk


# What stands in the addresses of their pages.
ROWS["pk"] |= {
    **dict.fromkeys(["patients:emr_issue_detail", "patients:emr_issue_decide"], EmrIssue),
    **dict.fromkeys(["patients:emr_run_detail", "patients:emr_run_csv"], EmrRun),
    **dict.fromkeys(
        [
            "patients:emr_file_check",
            "patients:emr_file_columns",
            "patients:emr_file_delete",
            "patients:emr_file_detail",
            "patients:emr_file_import",
            "patients:emr_file_undo",
        ],
        EmrFile,
    ),
    "patients:emr_run_undo": decided,
    "patients:emr_run_allow": asking,
    "patients:emr_sweep_undo": swept,
}
