"""Telling whether a quotation mark that somebody forgot to close has drawn whole rows into one cell."""


def rows_run_together(cells, separator, width):
    """How many rows stand in this one, of a table of `width` columns; 0 for a row that is only itself.

    The cell then holds the rest of its row, whole rows beneath, and the mark that was meant to open another cell.
    """
    for place, cell in enumerate(cells):
        lines = cell.splitlines()
        if len(lines) < 2 or '"' not in lines[-1]:
            continue
        rest = width - 1 - place
        is_rest = rest > 0 and lines[0].count(separator) == rest
        is_row = width > 2 and any(line.count(separator) == width - 1 for line in lines[1:-1])
        if is_rest or is_row:
            return len(lines)
    return 0
