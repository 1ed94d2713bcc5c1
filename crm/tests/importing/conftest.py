import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clinics.jobs import run_job
from crm.importing.uploading import accept_upload
from crm.importing.working import start_check, start_import


@pytest.fixture
def upload(clinic, coordinator):
    """upload(path or bytes, name, **options): an import just uploaded and read, with these options.

    With read=False a file that is read in the background waits for its worker.
    """

    def accept(source, name="leads.csv", *, read=True, **options):
        content = source if isinstance(source, bytes) else source.read_bytes()
        lead_import = accept_upload(clinic, SimpleUploadedFile(name, content), by=coordinator)
        if read and lead_import.is_at_work:
            run_job(clinic, lead_import.job_id)
            lead_import.refresh_from_db()
        lead_import.options |= options
        lead_import.save()
        return lead_import

    return accept


@pytest.fixture
def work_off(clinic):
    """work_off(lead_import): run its job as a worker would; the import as it stands then."""

    def run(lead_import, status="DONE"):
        lead_import.refresh_from_db()
        run_job(clinic, lead_import.job_id)
        lead_import.refresh_from_db()
        lead_import.job.refresh_from_db()
        assert lead_import.job.status == status, lead_import.job.error
        return lead_import

    return run


@pytest.fixture
def try_out(upload, work_off, coordinator):
    """try_out(path or bytes, name, **options): upload a file and try it out."""

    def run(source, name="leads.csv", **options):
        return work_off(start_check(upload(source, name, **options), by=coordinator))

    return run


@pytest.fixture
def bring_in(try_out, work_off, coordinator):
    """bring_in(path or bytes, name, **options): the whole way; the import when it is done."""

    def run(source, name="leads.csv", **options):
        return work_off(start_import(try_out(source, name, **options), by=coordinator))

    return run
