"""The list of leads as a file: exactly the leads, the order and the columns that are shown."""

from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.exporting import make_file, remove_old_files, start_file
from clinics.jobs import report_progress
from clinics.list_columns import SIZES, Layout
from clinics.tenancy import clinic_scope
from crm.filters import filter_of
from crm.lead_order import in_order
from crm.lead_table import csv_rows
from crm.list_columns import columns_of
from crm.trail import filters_for_log

KIND = "crm.export"


def ids_in_order(query, sort, *, by):
    """The ids of the leads that a query string stands for, as `by` sees them, in the order of a column."""
    narrowing = filter_of(query, by)
    leads = in_order(narrowing.leads(), sort, groups=narrowing.ids_in_order(sort.removeprefix("-")))
    return leads[0 : leads.count()]


def record_export(query, count, *, by):
    """Write down that somebody takes leads out as a file: which, and how many. Records "crm.lead.exported"."""
    return record("crm.lead.exported", by=by, metadata={"count": count, "filters": filters_for_log(query)})


def start_export(query, sort, layout, *, by):
    """Make the file in the background; returns the job, whose page hands it out."""
    parameters = {"query": query, "sort": sort, "columns": layout.keys}
    return start_file(KIND, title=_("File of leads"), parameters=parameters, page="crm:lead_export_file", by=by)


def run_export(clinic, job):
    """The job "crm.export": the rows in the order in which they stood when it began."""
    asked = job.parameters
    with clinic_scope(clinic):
        layout = Layout(columns_of(clinic).columns_of(asked["columns"]), SIZES[1])
        ids = ids_in_order(asked["query"], asked["sort"], by=job.started_by)
        report_progress(job, 0, len(ids))
    return make_file(clinic, job, ids, layout.header, lambda some: csv_rows(some, layout))


def remove_old_exports():
    """Take away the files of leads of the open clinic that were made more than a week ago; returns how many."""
    return remove_old_files(KIND)
