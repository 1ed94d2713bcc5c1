"""A worker that dies in the middle: what it had written stands, and the next one goes on behind it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clinics.jobs import retry_job, run_job
from clinics.models import BackgroundJob, ClinicUser, Role
from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory, ClinicUserFactory
from crm.importing import working
from crm.importing.uploading import accept_upload
from crm.importing.working import start_check, start_import
from crm.models import Lead, LeadActivity, LeadImport, LeadImportRow
from crm.presets import load_preset

TEN = b"Record ID,First Name,Phone\n" + b"".join(b"%d,Ana%d,+1212555010%d\n" % (n, n, n) for n in range(10))


class Killed(BaseException):
    """Passes every handler, as the end of a process does."""


@pytest.fixture
def practice(transactional_db):
    clinic = ClinicFactory(slug="downtown")
    load_preset(clinic)
    with clinic_scope(clinic):
        ClinicUserFactory(role=Role.TREATMENT_COORDINATOR)
    return clinic


@pytest.fixture
def started(practice, monkeypatch):
    """An import of ten rows in batches of four, queued and not begun."""
    monkeypatch.setattr(working, "BATCH", 4)
    monkeypatch.setattr("clinics.background._start", lambda *arguments: None)
    with clinic_scope(practice):
        by = ClinicUser.objects.coordinators().get()
        lead_import = start_check(accept_upload(practice, SimpleUploadedFile("ten.csv", TEN), by=by), by=by)
    run_job(practice, lead_import.job_id)
    with clinic_scope(practice):
        return start_import(lead_import, by=by)


@pytest.mark.parametrize("error", [Killed, ValueError])
def test_an_import_that_breaks_in_its_second_batch_goes_on_and_each_row_is_there_once(
    practice, started, monkeypatch, error
):
    written, write = [], working.write_batch

    def break_later(plan, drafts):
        write(plan, drafts)
        written.append(len(drafts))
        if len(written) == 2:
            raise error

    monkeypatch.setattr(working, "write_batch", break_later)
    if error is Killed:
        with pytest.raises(Killed):
            run_job(practice, started.job_id)
    else:
        run_job(practice, started.job_id)
    with clinic_scope(practice):
        assert Lead.objects.count() == LeadImportRow.objects.of_import().count() == 4
        assert LeadImport.objects.get().created_count == 4
        BackgroundJob.objects.filter(pk=started.job_id, status="RUNNING").update(status="FAILED")
        retry_job(BackgroundJob.objects.get(pk=started.job_id), by=started.uploaded_by)

    run_job(practice, started.job_id)
    with clinic_scope(practice):
        done = LeadImport.objects.get()
        lines = list(LeadImportRow.objects.of_import().order_by("line").values_list("line", flat=True))
        assert (done.status, done.created_count, lines) == ("DONE", 10, list(range(2, 12)))
        assert Lead.objects.count() == LeadActivity.objects.count() == 10
