"""The rows of the list of leads, cell by cell: those that say the same as others are drawn from memory."""

from django import template
from django.utils.html import format_html

from clinics.templatetags.memory import drawn
from crm.list_cells import CELLS

register = template.Library()


@register.simple_tag
def lead_cells(row, columns, may_update):
    """The cells of a row (crm.lead_table.Row) in `columns`, before them the box to tick for who may change leads."""
    keys = ["check"] if may_update else []
    keys += [column.key for column in columns]
    cells = [drawn(f"crm/lead_list/_cells.html#{key}", **CELLS[key](*row)) for key in keys]
    return format_html("{}" * len(cells), *cells)
