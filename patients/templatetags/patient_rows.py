"""The rows of the list of patients, cell by cell: those that say the same as others are drawn from memory."""

from django import template

from patients.list_cells import PatientCells

register = template.Library()


@register.simple_tag
def patient_cells(rows, columns, may_update):
    """For each row its cells in `columns`, before them the box to tick for who may change patients."""
    return PatientCells().of_all(rows, columns, with_check=may_update)
