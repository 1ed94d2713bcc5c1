"""The rows of the list of patients, on a page and in a file."""

from typing import NamedTuple

from patients.models import Appointment, Patient, PatientTag

ROWS_AT_ONCE = 500


class Row(NamedTuple):
    """A patient, when they come next or None, and the names of their tags."""

    patient: Patient
    next_at: object = None
    tags: tuple = ()


def rows_of(patient_ids, layout):
    """Patients by id, in the order of the ids, with what the columns show of them: one or two queries."""
    found = Patient.objects.for_list()
    if layout.shows("next"):
        found = found.annotate(next_at=Appointment.objects.next_of_outer_patient())
    patients = found.in_bulk(patient_ids)
    tags = PatientTag.objects.names_of(patient_ids) if layout.shows("tags") else {}
    shown = [patients[pk] for pk in patient_ids if pk in patients]
    return [Row(each, getattr(each, "next_at", None), tuple(tags.get(each.pk, ()))) for each in shown]


def csv_rows(patient_ids, layout):
    """Yield the patients of `patient_ids` as rows of a file, in order; asks the database only while it is iterated."""
    for start in range(0, len(patient_ids), ROWS_AT_ONCE):
        for row in rows_of(patient_ids[start : start + ROWS_AT_ONCE], layout):
            yield ["" if cell is None else cell for column in layout.columns for cell in column.cells(row)]
