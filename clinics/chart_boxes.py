"""How values spread, row under row: the middle half as a box, eight in ten as a line, half as a mark, a limit."""

from dataclasses import dataclass

from clinics.chart_marks import Path, Plot, Rect, Text
from clinics.chart_parts import UNKNOWN, far_note, row_label
from clinics.chart_scales import Scale, label_column, nice_ticks, place, text_width, write_number


@dataclass(frozen=True)
class Box:
    """`points` are the 10th, 25th, 50th, 75th and 90th percentile, or None where there is nothing to tell."""

    label: str
    points: tuple | None
    limit: float | None = None
    note: str = ""

    @property
    def is_over(self):
        return bool(self.points and self.limit is not None and self.points[2] > self.limit)


def boxes(rows, *, title, description="", write=write_number, width=560):
    """A box for each row over a common axis that begins at zero."""
    if not any(row.points for row in rows):
        return Plot(width, 0, title, description, ())
    known = [value for row in rows if row.points for value in (row.points[4], row.limit or 0)]
    ticks = nice_ticks(0, max(known), most=5)
    notes = max(text_width(row.note) for row in rows)
    left = label_column([row.label for row in rows], width=width, note_width=notes)
    scale = Scale(0, ticks[-1], left, width - max(notes + 12, text_width(write(ticks[-1])) / 2))
    bottom, marks = 8 + 32 * len(rows), []
    for tick in ticks:
        marks += [
            Path(f"M{scale(tick)} 4V{bottom}", "chart__grid"),
            Text(scale(tick), bottom + 18, write(tick), "middle"),
        ]
    for number, row in enumerate(rows):
        middle = 20 + 32 * number
        marks += [row_label(row.label, middle + 4, left), *far_note(row.note, middle + 4, width)]
        marks += _box(row, middle, scale, write) if row.points else [Text(scale.start + 6, middle + 4, UNKNOWN)]
    return Plot(width, bottom + 26, title, description, tuple(marks))


def _box(row, middle, scale, write):
    low, first, half, third, high = row.points
    said = f"{row.label}: {write(low)} – {write(first)} – {write(half)} – {write(third)} – {write(high)}"
    start, end = scale(first), scale(third)
    marks = [
        Path(f"M{scale(low)} {middle}H{scale(high)}", "chart__whisker", said),
        Rect(start, middle - 7, place(max(end - start, 2)), 14, "fill-1" if row.is_over else "fill-2", 2, title=said),
        Path(f"M{scale(half)} {middle - 7}v14", "chart__half", said),
    ]
    if row.limit is not None:
        marks.append(Path(f"M{scale(row.limit)} {middle - 11}v22", "chart__limit", write(row.limit)))
    return marks
