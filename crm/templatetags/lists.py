"""The rows of the list of leads, cell by cell: those that say the same as others are drawn from memory."""

from django import template

from crm.list_cells import LeadCells

register = template.Library()


@register.simple_tag
def lead_cells(rows, columns, may_update):
    """For each row its cells in `columns`, before them the box to tick for who may change leads."""
    return LeadCells().of_all(rows, columns, with_check=may_update)
