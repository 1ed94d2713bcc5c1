"""Acts on many leads, worked off by one worker and taken back again: how many leads a second."""

import os
import time
from pathlib import Path

from django.db import connection

from benchmarks.imports import ImportCases
from benchmarks.timing import Result, Timing
from clinics.jobs import run_job
from clinics.models import ClinicUser, Role, Tag
from clinics.tenancy import clinic_scope
from crm.bulk import Chosen, start_bulk, undo_bulk
from crm.models import BulkAct, Lead, PipelineStage
from crm.models.lead_words import OPEN

LEAST_A_SECOND = 300


class BulkCases(ImportCases):
    """One more case: a tag, another coordinator and another stage for `rows` open leads, and each taken back."""

    def bulk(self):
        with clinic_scope(self.clinic):
            admin = ClinicUser.objects.filter(role=Role.CLINIC_ADMIN).first()
            coordinator = ClinicUser.objects.coordinators().order_by("-pk").first()
            tag, _made = Tag.objects.get_or_create(name="Measured")
            stage = PipelineStage.objects.filter(kind=PipelineStage.Kind.OPEN).order_by("-order").first()
            leads = Lead.objects.present().filter(status__in=OPEN).exclude(stage=stage).exclude(assigned_to=coordinator)
            ids = tuple(leads.order_by("pk").values_list("pk", flat=True)[: self.rows])
        acts = ((BulkAct.Kind.TAG, "tag", tag), (BulkAct.Kind.ASSIGN, "coordinator", coordinator))
        for kind, name, aim in (*acts, (BulkAct.Kind.MOVE, "stage", stage)):
            with clinic_scope(self.clinic):
                act = start_bulk(kind, Chosen(ids=ids), {name: str(aim.pk)}, by=admin)
            yield self._worked_off(act, "done_count", kind.value.lower(), len(ids))
            with clinic_scope(self.clinic):
                act.refresh_from_db()
                act = undo_bulk(act, by=admin)
            yield self._worked_off(act, "undone_count", f"{kind.value.lower()}, taken back", len(ids))

    def _worked_off(self, act, counted, words, expected):
        backend = _backend_of(self.clinic)
        started, busy = time.perf_counter(), _processor_time(backend)
        run_job(self.clinic, act.job_id)
        taken, busy = time.perf_counter() - started, _processor_time(backend) - busy
        with clinic_scope(self.clinic):
            count = getattr(BulkAct.objects.get(pk=act.pk), counted)
        rate, alone = count / taken, count / busy
        each = Timing(taken * 1000 / max(count, 1), taken * 1000 / max(count, 1), count)
        passed = count == expected and rate >= LEAST_A_SECOND
        case = f"bulk {words}, {count} leads: {rate:.0f}/s, {alone:.0f}/s of processor time"
        return Result(case, each, f"≥ {LEAST_A_SECOND} leads a second", passed)


def _backend_of(clinic):
    """The process of PostgreSQL that answers this one."""
    with clinic_scope(clinic), connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def _processor_time(backend):
    """Seconds that this process and its backend have worked: what the wall clock says without others on the machine."""
    told = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
