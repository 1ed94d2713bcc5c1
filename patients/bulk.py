"""Doing one thing to many patients: what clinics/bulk.py does, with the tables, acts and words of patients."""

from dataclasses import dataclass

from django.utils.translation import ngettext

from clinics import bulk, bulk_undoing
from clinics.bulk import BulkWork, FilterNotUnderstood
from clinics.models import Location, Tag
from patients.bulk_acts import ACTS
from patients.filters import filter_of
from patients.models import Patient, PatientAct, PatientActRow, Provider


@dataclass(frozen=True)
class Chosen:
    """Which patients: their ids, or the query string of a filter that all of them match."""

    ids: tuple = ()
    query: str | None = None

    def people(self, member):
        """The patients as they are now. Raises FilterNotUnderstood if a value of the filter is not known."""
        if self.query is None:
            return Patient.objects.present().filter(pk__in=self.ids)
        patient_filter = filter_of(self.query, member)
        if not patient_filter.is_understood:
            raise FilterNotUnderstood
        return patient_filter.qs


def start_bulk(kind, chosen, facts, *, by, key=""):
    """Do `kind` (a PatientAct.Kind) to the patients of `chosen`: see clinics.bulk.start_bulk. Returns the act."""
    return bulk.start_bulk(PATIENTS, kind, chosen, facts, by=by, key=key)


def run_bulk(clinic, job):
    """The job "patients.bulk"."""
    return bulk.run_bulk(PATIENTS, clinic, job, choose=lambda query, member: Chosen(query=query).people(member))


def undo_bulk(act, *, by):
    """Take an act on many patients back: see clinics.bulk_undoing.undo_bulk. Returns the act."""
    return bulk_undoing.undo_bulk(PATIENTS, act, by=by)


def run_bulk_undo(clinic, job):
    """The job "patients.bulk_undo"."""
    return bulk_undoing.run_bulk_undo(PATIENTS, clinic, job)


def _in_words(count):
    return ngettext("%(n)s patient", "%(n)s patients", count) % {"n": f"{count:,}"}


PATIENTS = BulkWork(
    acts=ACTS,
    act_model=PatientAct,
    row_model=PatientActRow,
    person="patient",
    event="patients.bulk",
    count_in_words=_in_words,
    rows={"tag": Tag, "location": Location, "provider": Provider},
    topics=("patients",),
)
