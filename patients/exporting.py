"""The list of patients as a file: exactly the patients, the order and the columns that are shown."""

from django.http import QueryDict
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.exporting import make_file, remove_old_files, start_file
from clinics.jobs import report_progress
from clinics.list_columns import SIZES, Layout
from clinics.tenancy import clinic_scope
from patients.filters import filter_of
from patients.list_columns import PATIENTS
from patients.patient_order import in_order
from patients.patient_table import csv_rows

KIND = "patients.export"


def ids_in_order(query, sort, *, by):
    """The ids of the patients that a query string stands for, in the order of a column."""
    patients = in_order(filter_of(query, by).qs, sort)
    return patients[0 : patients.count()]


def record_export(query, count, *, by):
    """Write down that somebody takes patients out as a file: which, how many. Records "patients.patient.exported"."""
    asked = QueryDict(query, mutable=True)
    if asked.pop("q", None):  # somebody's name, as a rule: the log keeps it of nobody who is erased one day
        asked["q"] = "•••"
    return record("patients.patient.exported", by=by, metadata={"count": count, "filters": asked.urlencode()})


def start_export(query, sort, layout, *, by):
    """Make the file in the background; returns the job, whose page hands it out."""
    parameters, page = {"query": query, "sort": sort, "columns": layout.keys}, "patients:patient_export_file"
    return start_file(KIND, title=_("File of patients"), parameters=parameters, page=page, by=by)


def run_export(clinic, job):
    """The job "patients.export": the rows in the order in which they stood when it began."""
    asked = job.parameters
    layout = Layout(PATIENTS.columns_of(asked["columns"]), SIZES[1])
    with clinic_scope(clinic):
        ids = ids_in_order(asked["query"], asked["sort"], by=job.started_by)
        report_progress(job, 0, len(ids))
    return make_file(clinic, job, ids, layout.header, lambda some: csv_rows(some, layout))


def remove_old_exports():
    """Take away the files of patients of the open clinic that were made more than a week ago; returns how many."""
    return remove_old_files(KIND)
