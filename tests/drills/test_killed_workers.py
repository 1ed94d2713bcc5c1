"""Workers killed halfway through an act on many, an import, its trial and undoing, a file of payments and a merge."""

import os
import signal
from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from clinics.jobs import SILENT_AFTER, run_job
from clinics.models import AuditLog, BackgroundJob, Role
from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory, ClinicUserFactory
from crm.bulk import Chosen, start_bulk, undo_bulk
from crm.duplicates.merging import merge_leads, undo_merge
from crm.importing.undoing import start_undo
from crm.importing.uploading import accept_upload
from crm.importing.working import start_check, start_import
from crm.intake import capture_lead
from crm.models import (
    Lead,
    LeadActivity,
    LeadContactPoint,
    LeadImportRow,
    LeadMatchKey,
    LeadSource,
    LeadTally,
    Opportunity,
    PipelineStage,
    StageChange,
    Touchpoint,
)
from crm.presets import load_preset
from crm.purging import start_purge
from patients.models import Payment, PaymentImport
from patients.payment_files.working import accept_file, import_payments, try_out
from patients.tests.factories import PatientFactory
from tests.drills.dying import run_worker

IS_FULL = bool(os.environ.get("DRILL_FULL"))
LEADS, BATCH = (5000, 100) if IS_FULL else (60, 25)  # more than are done at once
MIDST, BETWEEN = ("report_progress", 2), ("take_up", 3)  # of the second batch, uncommitted; the first one committed
TOUCHED = {"version", "updated_at", "updated_by_id"}
HANGING = [(LeadActivity, "pk"), (Touchpoint, "pk"), (LeadContactPoint, "contact_point_id"), (LeadMatchKey, "key")]
TURNS = (1, 1, 4, 8) if IS_FULL else (1,)  # a worker is killed so many times later, of what is still to be done


@pytest.fixture
def practice(transactional_db, monkeypatch):
    monkeypatch.setattr("clinics.background._start", lambda *arguments: None)
    clinic = ClinicFactory(name="Drill Dental", slug="drill")
    with clinic_scope(clinic):
        load_preset(clinic)
        clinic.by = ClinicUserFactory(role=Role.CLINIC_ADMIN)
        ClinicUserFactory(role=Role.TREATMENT_COORDINATOR)
    return clinic


def upload(practice):
    rows = (f"{n},Ana{n},Vega{n},+1212{2_000_000 + n},{100 + n}\n" for n in range(LEADS))
    text = "Record ID,First Name,Last Name,Phone,Deal Value\n" + "".join(rows)
    with clinic_scope(practice):
        lead_import = accept_upload(practice, SimpleUploadedFile("leads.csv", text.encode()), by=practice.by)
        return start_check(lead_import, by=practice.by)


def killed(function, count, act, practice, *arguments):
    """Let a worker begin that is killed at the COUNT-th call of a function; its end must have been just that."""
    folder = settings.MEDIA_ROOT.parent  # where the test keeps its files
    arguments = (function, count, BATCH, act, practice.pk, *arguments)
    ended = run_worker("tests.drills.killed_worker", *arguments, folder=folder)
    assert ended.returncode == -signal.SIGKILL, ended.stderr[-2000:]


@pytest.fixture
def work_off(practice, record_property):
    """Kill a worker of a job at each point, then let another one end it: each takes it up when it was silent."""

    def work_off(job_id, module, point):
        function, first = point
        for count in (turn * first for turn in TURNS):
            killed(f"{module}.{function}", count, "job", practice, job_id)
            with clinic_scope(practice):
                job = BackgroundJob.objects.get(pk=job_id)
                assert job.status == "RUNNING"
            run_job(practice, job_id)  # nobody else takes it up while the dead one may live
            with clinic_scope(practice):
                silent = timezone.now() - SILENT_AFTER - timedelta(seconds=1)
                assert BackgroundJob.objects.filter(pk=job_id, status="RUNNING").update(heartbeat_at=silent) == 1
        run_job(practice, job_id)
        with clinic_scope(practice):
            job = BackgroundJob.objects.get(pk=job_id)
        record_property("drill", f"{job.kind}: {LEADS} killed at {point} times {TURNS}: {job.status} {job.result}")
        assert job.status == "DONE"

    return work_off


def numbers():
    """What there is of everything that an act or an import writes, and how often each was recorded."""
    rows = {model.__name__: model.objects.count() for model in (Lead, StageChange, LeadActivity)}
    return Counter(AuditLog.objects.filter(resource_type="crm.lead").values_list("action", flat=True)) + Counter(rows)


def draw(practice):
    """LEADS people in the first stage, and nothing else."""
    first = PipelineStage.objects.get(is_default=True)
    source, now = LeadSource.objects.first(), timezone.now()
    Lead.objects.bulk_create(
        Lead(
            first_name=f"Ana{n}",
            stage=first,
            source=source,
            stage_entered_at=now,
            captured_at=now,
            assigned_to=practice.by,
        )
        for n in range(LEADS)
    )


def test_an_act_whose_worker_is_killed_is_done_once_to_each_and_taken_back_from_each(practice, work_off):
    with clinic_scope(practice):
        draw(practice)
        aim = PipelineStage.objects.filter(kind=PipelineStage.Kind.OPEN).order_by("-order").first()
        before = dict(Lead.objects.values_list("pk", "stage_entered_at"))
        act = start_bulk("MOVE", Chosen(query=""), {"stage": str(aim.pk)}, by=practice.by)

    work_off(act.job_id, "clinics.bulk", MIDST)

    with clinic_scope(practice):
        act.refresh_from_db()
        assert (act.done_count, act.skipped_count, Lead.objects.filter(stage=aim).count()) == (LEADS, 0, LEADS)
        moved = {"Lead": LEADS, "StageChange": LEADS, "LeadActivity": LEADS, "crm.lead.moved": LEADS}
        assert {name: numbers()[name] for name in moved} == moved
        act = undo_bulk(act, by=practice.by)

    work_off(act.job_id, "clinics.bulk_undoing", BETWEEN)

    with clinic_scope(practice):
        act.refresh_from_db()
        assert (act.undone_count, act.kept_count, LeadActivity.objects.count()) == (LEADS, 0, 0)
        assert dict(Lead.objects.filter(stage__is_default=True).values_list("pk", "stage_entered_at")) == before
        assert numbers()["crm.lead.move_undone"] == LEADS


def test_an_import_whose_workers_are_killed_brings_each_person_once_and_goes_again_whole(practice, work_off):
    lead_import = upload(practice)
    work_off(lead_import.job_id, "crm.importing.working", MIDST)
    with clinic_scope(practice):
        lead_import.refresh_from_db()
        assert (lead_import.status, lead_import.created_count, Lead.objects.count()) == ("CHECKED", LEADS, 0)
        lead_import = start_import(lead_import, by=practice.by)

    work_off(lead_import.job_id, "crm.importing.working", BETWEEN)

    with clinic_scope(practice):
        lead_import.refresh_from_db()
        assert (lead_import.status, lead_import.created_count, lead_import.handled_count) == ("DONE", LEADS, LEADS)
        rows = LeadImportRow.objects.of_import().filter(outcome="CREATED")
        assert set(rows.values_list("line", flat=True)) == set(range(2, LEADS + 2))
        assert Lead.objects.values("external_id").distinct().count() == Lead.objects.count() == LEADS
        assert LeadActivity.objects.count() == Touchpoint.objects.count() == Opportunity.objects.count() == LEADS
        lead_import = start_undo(lead_import, by=practice.by)

    work_off(lead_import.job_id, "crm.importing.undoing", MIDST)

    with clinic_scope(practice):
        lead_import.refresh_from_db()
        assert (lead_import.status, lead_import.summary["undo"]["removed"]) == ("UNDONE", LEADS)
        assert (Lead.objects.present().count(), LeadContactPoint.objects.count()) == (0, 0)


def test_a_file_of_payments_whose_worker_is_killed_brings_each_payment_once(practice, work_off):
    rows = [f"A-1,2026-03-01,{100 + n},r-{n}" for n in range(LEADS - 1)] + ["A-1,2026-03-02,-50,back"]
    upload = SimpleUploadedFile("payments.csv", "\n".join(["Chart No,Date,Amount,Receipt", *rows]).encode())
    with clinic_scope(practice):
        PatientFactory(first_name="Iris", emr_system="EPIC", external_id="A-1")
        file = accept_file(practice, upload, by=practice.by)
        file = try_out(file, file.mapping, by=practice.by)
    run_job(practice, file.job_id)
    with clinic_scope(practice):
        file = import_payments(PaymentImport.objects.get(), by=practice.by)

    work_off(file.job_id, "patients.payment_files.working", MIDST)

    with clinic_scope(practice):
        file.refresh_from_db()
        total = sum(100 + n for n in range(LEADS - 1)) * 100 - 5_000
        assert (file.status, file.created_count, file.known_count, file.total_cents) == ("DONE", LEADS, 0, total)
        assert Payment.objects.count() == LEADS
        assert AuditLog.objects.filter(action="patients.payment.recorded").count() == LEADS


def test_a_removal_whose_worker_is_killed_takes_everything_once_and_says_so(practice, work_off):
    then = timezone.now() - timedelta(days=9 * 366)
    with clinic_scope(practice):
        draw(practice)
        Lead.objects.update(created_at=then, captured_at=then, stage_entered_at=then)
        leads = list(Lead.objects.all())
        LeadActivity.objects.bulk_create(LeadActivity(lead=lead, type="NOTE", occurred_at=then) for lead in leads)
        stays = LeadActivity.objects.create(lead=leads[0], type="NOTE", occurred_at=timezone.now())
        run = start_purge(practice)

    work_off(run.job_id, "crm.purging", ("report_progress", 7))  # of the second batch of leads

    with clinic_scope(practice):
        run.refresh_from_db()
        assert (run.activity_count, run.lead_count, run.finished_at is not None) == (LEADS, LEADS - 1, True)
        assert list(LeadActivity.objects.all()) == [stays] and Lead.objects.get() == leads[0]
        assert sum(LeadTally.objects.values_list("count", flat=True)) == 1
        assert numbers()["crm.lead.purged"] == LEADS - 1


def test_a_merge_whose_process_is_killed_has_not_happened_and_happens_whole_afterwards(practice):
    with clinic_scope(practice):
        people = [{"first_name": "Ana", "phone": "212 555 0101"}, {"first_name": "Anna", "phone": "212 555 0102"}]
        ana, anna = (capture_lead(practice, values, by=practice.by, channel="STAFF") for values in people)
        before = everything()

    killed("crm.duplicates.merging.record", 2, "merge", practice, ana.pk, anna.pk, practice.by.pk)

    with clinic_scope(practice):
        assert everything() == before
        merge = merge_leads(ana, anna, by=practice.by)
        assert (Lead.objects.present().count(), LeadActivity.objects.filter(lead=ana).count()) == (1, 2)
        undo_merge(merge, by=practice.by)
        assert everything() == before


def everything():
    """All leads and what hangs on them, but for the marks of who touched them last."""
    kept = [field.attname for field in Lead._meta.concrete_fields if field.attname not in TOUCHED]
    leads = [list(row) for row in Lead.objects.order_by("pk").values_list(*kept)]
    return leads, [set(model.objects.values_list("lead_id", name)) for model, name in HANGING]
