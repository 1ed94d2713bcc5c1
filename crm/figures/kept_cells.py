"""The cells that reports ask for: out of the lines where these are up to date, and counted where they are not."""

from crm.figures.cells import Cell, read_cells
from crm.figures.lines import read_lines
from crm.models import FigureKind, LeadStatus

# By the kind of the lines: the columns of cells, and where lines have them.
COLUMNS = {
    FigureKind.TOTAL: {"month": "month", "status": "word"},
    FigureKind.PEOPLE: {"source": "source", "assigned_to": "assigned_to", "status": "word"},
    FigureKind.WAY: {"stage": "place", "lost_from": "other", "status": "word"},
    FigureKind.LOST: {"source": "source", "lost_from": "place", "lost_reason": "word"},
    FigureKind.LOST_OF: {"assigned_to": "assigned_to", "lost_reason": "word"},
}
OF_LOST = (FigureKind.LOST, FigureKind.LOST_OF)
# The number, what is expected, how many were contacted, and the seconds that the converted ones took.
SUMS = ("number", "cents", "leads", "seconds")


def cells_of(period, kind, *, is_up_to_date):
    """The cells of a Period by the columns of a kind; `is_up_to_date` says whether nothing is missing in the lines."""
    columns, known = COLUMNS[kind], {"status": LeadStatus.LOST} if kind in OF_LOST else {}
    if not is_up_to_date:
        cells = read_cells(period, (*columns, *known))
        return [cell for cell in cells if all(getattr(cell, name) == value for name, value in known.items())]
    found = []
    for row in read_lines(period, kind, tuple(columns.values()), SUMS):
        shared = dict(zip(columns, row[: len(columns)], strict=True))
        found.append(Cell(*map(round, row[len(columns) :]), **shared, **known))
    return found
