"""The import of a file of an EMR is killed at any point and goes on: nothing is lost, nothing doubled."""

import json
import signal
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from clinics.jobs import SILENT_AFTER, run_job
from clinics.models import BackgroundJob, Role
from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory, ClinicUserFactory
from patients.emr.files.uploading import accept_files
from patients.models import Appointment, EmrRecord, EmrRun, Patient, Visit
from patients.tests.emr.conftest import appointment, counts, crowd, encounter
from tests.drills.dying import run_worker

EVERYTHING = [
    *(encounter(f"e{n}", of=f"Patient/p{n % 6}", at=f"2025-01-{n + 1:02}T10:00:00Z") for n in range(20)),
    *crowd(6),
    appointment(of="Patient/p1"),
    encounter("planned", status="planned"),
]


@pytest.fixture
def world(transactional_db):
    """A committed clinic with a file that was tried out and whose import waits for a worker."""
    clinic = ClinicFactory(name="Drill Dental", slug="drill")
    with clinic_scope(clinic):
        admin = ClinicUserFactory(role=Role.CLINIC_ADMIN)
        upload = SimpleUploadedFile("all.ndjson", "\n".join(map(json.dumps, EVERYTHING)).encode())
        emr_file = accept_files(clinic, [upload], by=admin)
        emr_file.job = BackgroundJob.objects.create(  # nobody is woken: the worker is ours
            kind="patients.emr_import",
            parameters={"file": str(emr_file.pk)},
            started_by=admin,
            heartbeat_at=timezone.now(),
        )
        emr_file.status = "IMPORTING"
        emr_file.save()
    return clinic, emr_file


@pytest.mark.parametrize(("batch", "point"), [(1, "applied"), (2, "committed"), (3, "applied")])
def test_a_killed_import_goes_on_behind_its_last_batch(world, batch, point):
    clinic, emr_file = world

    killed = import_dying(clinic, emr_file, batch, point)

    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    with time_machine.travel(timezone.now() + SILENT_AFTER + timedelta(seconds=1)):
        run_job(clinic, emr_file.job_id)
    with clinic_scope(clinic):
        emr_file.refresh_from_db()
        run = EmrRun.objects.get()
        assert (emr_file.status, run.status) == ("DONE", "DONE")
        assert counts(run) == {"taken": 27, "refused": 1}
        assert (Patient.objects.count(), Visit.objects.count(), Appointment.objects.count()) == (6, 20, 1)
        assert EmrRecord.objects.count() == 28
        assert sum(Patient.objects.values_list("visit_count", flat=True)) == 20


def import_dying(clinic, emr_file, batch, point):
    return run_worker(
        "tests.drills.emr_worker", clinic.pk, emr_file.job_id, batch, point, folder=settings.MEDIA_ROOT.parent
    )
