import pytest
from django.utils import timezone

from clinics.jobs import run_job
from clinics.models import AuditLog
from patients.emr import login
from patients.emr.connections import connect_emr, resume_emr
from patients.emr.keys import published_keys
from patients.emr.outbox import tell_emrs
from patients.emr.syncing import start_sync
from patients.models import EmrConnection, EmrWrite, Patient
from patients.scheduling import book_appointment
from patients.tasks import note_for_emrs
from patients.tests.conftest import at
from patients.tests.emr.live.resources import patient
from tests.doubles.fhir import FhirDouble
from tests.doubles.fhir_login import TokenDesk


@pytest.fixture(autouse=True)
def own_machine(settings):
    """An EMR of our own machine may be called; what a former test was let in with is forgotten."""
    settings.LOCAL = True
    login._kept.clear()


@pytest.fixture
def emr():
    with FhirDouble(desk=TokenDesk(jwks=lambda: {"keys": []})) as double:
        yield double


@pytest.fixture
def connection(emr, owner):
    """An Epic that the clinic reads from, whose keys it knows; nothing has been read yet."""
    values = {"name": "Epic", "system": "OTHER", "base_url": emr.url, "client_id": "recare-test"}
    made = connect_emr(values, by=owner)  # of no make, because a key for Epic takes a second to make
    EmrConnection.objects.filter(pk=made.pk).update(system="EPIC")
    keys = published_keys(made)
    emr.desk.jwks = lambda: keys
    made = resume_emr(made, by=owner)
    EmrConnection.objects.filter(pk=made.pk).update(next_sync_at=timezone.now())
    made.refresh_from_db()
    return made


@pytest.fixture
def work(clinic):
    """work(job): do what a worker does with it; returns the job as it ended."""

    def run(job):
        run_job(clinic, job.pk)
        job.refresh_from_db()
        return job

    return run


@pytest.fixture
def writable(emr, connection, work, owner, now):
    """An EMR that may be written to, and knows one patient, who is here, too."""
    emr.store.put(patient("1"))
    EmrConnection.objects.update(may_write=True)
    work(start_sync(connection, by=owner).job)
    emr.asked.clear()
    return emr


@pytest.fixture
def known(writable):
    return Patient.objects.get()


@pytest.fixture
def booked(known, provider, receptionist):
    """A booking for the patient whom the EMR knows."""
    values = {"patient": known, "provider": provider, "starts_at": at(10), "duration_minutes": 30}
    return book_appointment(values, by=receptionist, anyway=True)


@pytest.fixture
def react(clinic):
    """react(): run what the last event of an appointment asks for."""

    def run():
        event = AuditLog.objects.filter(action__startswith="patients.appointment.").order_by("-pk").first()
        note_for_emrs.run(clinic, event.pk)

    return run


@pytest.fixture
def tell(clinic):
    def run():
        EmrWrite.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
        return tell_emrs(clinic)

    return run
