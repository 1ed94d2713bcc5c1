"""The rows of the list of leads, cell by cell: those that say the same as others are drawn from memory."""

from django import template
from django.utils.html import format_html

from crm.list_cells import Cells

register = template.Library()


@register.simple_tag
def lead_cells(rows, columns, may_update):
    """For each row its cells in `columns`, before them the box to tick for who may change leads."""
    cells, keys = Cells(), ["check"] if may_update else []
    keys += [column.key for column in columns]
    return [format_html("{}" * len(keys), *cells.of(row, keys)) for row in rows]
