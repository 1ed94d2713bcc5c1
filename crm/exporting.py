"""The list of leads as a file: sent at once while it is small, made in the background when it is large.

It holds exactly the leads, the order and the columns that are shown. A file made in the background is handed out to
whoever asked for it alone, and is removed after a week.
"""

import tempfile
from datetime import timedelta

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.csv_export import csv_lines
from clinics.jobs import report_progress, start_job
from clinics.list_columns import SIZES, Layout
from clinics.models import BackgroundJob
from clinics.tenancy import clinic_scope
from crm.filters import filter_of
from crm.lead_order import in_order
from crm.lead_table import csv_rows
from crm.list_columns import LEADS

SENT_AT_ONCE = 20_000
ROWS_AT_ONCE = 2000
KEPT_FOR = timedelta(days=7)
KIND = "crm.export"


def ids_in_order(query, sort, *, by):
    """The ids of the leads that a query string stands for, as `by` sees them, in the order of a column."""
    leads = in_order(filter_of(query, by).leads(), sort)
    return leads[0 : leads.count()]


def record_export(query, count, *, by):
    """Write down that somebody takes leads out as a file: which, and how many. Records "crm.lead.exported"."""
    return record("crm.lead.exported", by=by, metadata={"count": count, "filters": query})


def start_export(query, sort, layout, *, by):
    """Make the file in the background; returns the job, whose page hands it out."""
    parameters = {"query": query, "sort": sort, "columns": layout.keys}
    job = start_job(KIND, title=_("File of leads"), by=by, parameters=parameters)
    job.result_url = reverse("crm:lead_export_file", args=[job.pk])
    job.save(update_fields=["result_url", "updated_at"])
    return job


def run_export(clinic, job):
    """The job "crm.export": the rows in the order in which they stood when it began; begun anew if it was killed."""
    asked = job.parameters
    layout = Layout(LEADS.columns_of(asked["columns"]), SIZES[1])
    with clinic_scope(clinic):
        ids = ids_in_order(asked["query"], asked["sort"], by=job.started_by)
        report_progress(job, 0, len(ids))
    with tempfile.TemporaryFile("w+b") as made:
        made.writelines(line.encode() for line in csv_lines(layout.header, []))
        for start in range(0, len(ids), ROWS_AT_ONCE):
            with clinic_scope(clinic):
                rows = csv_rows(ids[start : start + ROWS_AT_ONCE], layout)
                _mark, *lines = csv_lines([], rows)
                made.writelines(line.encode() for line in lines)
                report_progress(job, min(start + ROWS_AT_ONCE, len(ids)), len(ids))
        made.seek(0)
        name = default_storage.save(f"exports/{clinic.pk}/{job.pk.hex}.csv", File(made))
    return {"rows": len(ids), "file": name}


def remove_old_exports():
    """Take away the files of the open clinic that were made more than a week ago; returns how many."""
    old = BackgroundJob.objects.filter(kind=KIND, finished_at__lt=timezone.now() - KEPT_FOR, result__has_key="file")
    for job in old:
        default_storage.delete(job.result["file"])
        job.result = {"rows": job.result["rows"]}
        job.save(update_fields=["result", "updated_at"])
    return len(old)
