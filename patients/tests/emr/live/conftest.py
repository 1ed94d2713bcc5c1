import pytest
from django.utils import timezone

from clinics.jobs import run_job
from patients.emr import login
from patients.emr.connections import connect_emr, resume_emr
from patients.emr.keys import published_keys
from patients.models import EmrConnection
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
