"""Pictures of figures: pure geometry, drawn by `templates/parts/charts/`.

Each function takes plain values and gives a `Plot`, the marks of one SVG. A `Figure` puts it between its question, its
answer and the table of the same figures. None stands for an unknown figure and is shown as unknown, never as zero.
"""

from django.utils.translation import gettext as _

from clinics.chart_marks import (
    Band,
    Bar,
    Column,
    Dot,
    Figure,
    Legend,
    Line,
    Path,
    Plot,
    Rect,
    Table,
    Text,
    Whisker,
)
from clinics.chart_parts import (
    UNKNOWN,
    band_paths,
    bar_from_zero,
    far_note,
    interval,
    labels_every,
    row_label,
    runs,
    strength,
    vertical_axis,
)
from clinics.chart_scales import (
    Scale,
    bins,
    figure,
    fit,
    label_column,
    nice_ticks,
    place,
    text_width,
    write_number,
)

__all__ = [
    "Band",
    "Bar",
    "Column",
    "Figure",
    "Legend",
    "Line",
    "Plot",
    "Table",
    "Whisker",
    "bars",
    "columns",
    "funnel",
    "heat_map",
    "histogram",
    "lines",
    "stacked_bars",
    "whiskers",
]

WIDTH = 560


def bars(rows, *, title, description="", write=write_number, width=WIDTH):
    """Horizontal bars with the figure at the end of each, so that they need no axis."""
    values = [figure(row.value) for row in rows]
    if not rows:
        return Plot(width, 0, title, description, ())
    known = [value for value in values if value is not None]
    notes = max((text_width(row.note) for row in rows), default=0)
    written = [UNKNOWN if value is None else write(value) for value in values]
    left = label_column([row.label for row in rows], width=width, note_width=notes)
    right = width - notes - max(map(text_width, written)) - 28
    low, high = min([0, *known]), max([0, *known])
    if low < 0:
        left += max(map(text_width, written)) + 8
    scale = Scale(low, high if high > low else low + 1, left, max(right, left + 20))
    marks = []
    for number, (row, value, words) in enumerate(zip(rows, values, written, strict=True)):
        top = 5 + 32 * number
        marks.append(row_label(row.label, top + 14, scale.start))
        if value is not None:
            marks.append(bar_from_zero(scale, value, top, 20, f"fill-{row.series}", f"{row.label}: {words}"))
        end = scale(value or 0)
        anchor, gap = ("end", -8) if value is not None and value < 0 else ("start", 8)
        marks.append(Text(place(end + gap), top + 14, words, anchor, "chart__value"))
        marks += far_note(row.note, top + 14, width)
    if low < 0:
        marks.append(Path(f"M{scale(0)} 0V{32 * len(rows)}", "chart__axis"))
    return Plot(width, 32 * len(rows), title, description, tuple(marks))


def columns(rows, *, title, description="", write=write_number, width=WIDTH, height=226, gap=0.25):
    """Vertical bars over an axis, for things in an order: days, months. Labels that would touch are left out."""
    values = [figure(row.value) for row in rows]
    if not rows:
        return Plot(width, 0, title, description, ())
    scale, marks = vertical_axis(values, write, width, height)
    step = (width - scale.left) / len(rows)
    every = labels_every([row.label for row in rows], step)
    for number, (row, value) in enumerate(zip(rows, values, strict=True)):
        x = scale.left + step * number
        if value is not None:
            top, bottom = sorted((scale(value), scale(0)))
            marks.append(
                Rect(
                    place(x + step * gap / 2),
                    top,
                    place(max(step * (1 - gap), 0.5)),
                    place(bottom - top),
                    f"fill-{row.series}",
                    2,
                    title=f"{row.label}: {write(value)}",
                )
            )
        if number % every == 0:
            marks.append(Text(place(x + step / 2), height - 8, fit(row.label, step * every), "middle", whole=row.label))
    marks.append(Path(f"M{scale.left} {scale(0)}H{width}", "chart__axis"))
    return Plot(width, height, title, description, tuple(marks))


def histogram(values, *, title, description="", write=write_number, width=WIDTH, height=226, most=20, whole=True):
    """How often values fall between round limits."""
    known = sorted(value for value in map(figure, values) if value is not None)
    if not known:
        return Plot(width, 0, title, description, ())
    step, first = bins(known[0], known[-1], most=most, whole=whole)
    counts = [0] * (int((known[-1] - first) / step + 1e-9) + 1)
    for value in known:
        counts[min(int((value - first) / step + 1e-9), len(counts) - 1)] += 1
    rows = [Bar(write(first + step * number), count) for number, count in enumerate(counts)]
    return columns(rows, title=title, description=description, width=width, height=height, gap=0.06)


def whiskers(rows, *, title, description="", write=write_number, reference=None, reference_label="", width=WIDTH):
    """A dot for each estimate and a line for its interval, over a common axis; `reference` is the dashed line."""
    numbers = [(figure(row.value), figure(row.low), figure(row.high)) for row in rows]
    if not rows:
        return Plot(width, 0, title, description, ())
    known = [number for three in numbers for number in three if number is not None]
    known += [figure(reference)] if reference is not None else []
    known += [figure(row.mark) for row in rows if row.mark is not None and not row.remark]
    ticks = nice_ticks(min(known, default=0), max(known, default=1))
    notes = max(text_width(row.note) for row in rows)
    left = label_column([row.label for row in rows], width=width, note_width=notes)
    scale = Scale(ticks[0], ticks[-1], left, width - max(notes + 12, text_width(write(ticks[-1])) / 2))
    bottom = 8 + 36 * len(rows)
    marks = []
    for tick in ticks:
        marks += [
            Path(f"M{scale(tick)} 8V{bottom}", "chart__grid"),
            Text(scale(tick), bottom + 18, write(tick), "middle"),
        ]
    if reference is not None:
        marks += [
            Path(f"M{scale(reference)} 4V{bottom}", "chart__now"),
            Text(scale(reference), bottom + 36, reference_label, "middle"),
        ]
    for number, (row, (value, low, high)) in enumerate(zip(rows, numbers, strict=True)):
        middle = 24 + 36 * number
        marks += [row_label(row.label, middle + 4, left), *far_note(row.note, middle + 4, width)]
        marks += interval(row, value, low, high, middle, scale, write)
    return Plot(width, bottom + (44 if reference is not None else 26), title, description, tuple(marks))


def lines(labels, series, *, band=None, now=None, title, description="", write=write_number, width=1060, height=232):
    """Lines over time, with the band that a forecast falls into and a mark where today is (an index of `labels`)."""
    known = [
        figure(value)
        for line in [*series, *([Line(band.low), Line(band.high)] if band else [])]
        for value in line.values
    ]
    if not labels or not any(value is not None for value in known):
        return Plot(width, 0, title, description, ())
    scale, marks = vertical_axis(known, write, width - 20, height)
    step = (width - 20 - scale.left) / max(len(labels) - 1, 1)
    places = [place(scale.left + step * number) for number in range(len(labels))]
    every = labels_every(labels, step)
    marks += [Text(x, height - 14, label, "middle") for x, label in list(zip(places, labels, strict=True))[::every]]
    if band:
        marks += [Path(d, "fill-band") for d in band_paths(band, places, scale)]
    for line in series:
        kind = f"line-{line.series}{' line-dash' if line.is_dashed else ''}"
        found = runs(line.values, places, scale)
        marks += [Path("M" + "L".join(f"{x} {y}" for x, y in run), kind) for run in found if len(run) > 1]
        marks += [Dot(*run[0], f"fill-{line.series}", 3) for run in found if len(run) == 1]
    if now is not None:
        marks += [
            Path(f"M{places[now]} 10V{scale(scale.low)}", "chart__now"),
            Text(places[now] - 6, 18, _("today"), "end"),
        ]
    marks.append(Path(f"M{scale.left} {scale(0)}H{width - 20}", "chart__axis"))
    return Plot(width, height, title, description, tuple(marks))


def heat_map(row_labels, column_labels, values, *, title, description="", write=write_number, width=WIDTH):
    """One field for each row and column, the darker the more; unknown fields are hatched. `values` is a row of rows."""
    grid = [[figure(value) for value in row] for row in values]
    known = [value for row in grid for value in row if value is not None]
    if not known:
        return Plot(width, 0, title, description, ())
    low, high = min(0, *known), max(0, *known)
    left = label_column(row_labels, width=width)
    step = (width - left) / len(column_labels)
    every = labels_every(column_labels, step)
    lines = min(every, 2)  # labels that would touch stand on two lines in turn, before any is left out
    marks = [
        Text(
            place(min(left + step * (number + 0.5), width - text_width(fit(label, step * every)) / 2)),
            14 * (1 + number // (every // lines) % lines),
            fit(label, step * every),
            "middle",
            whole=label,
        )
        for number, label in enumerate(column_labels)
        if number % (every // lines) == 0
    ]
    above = 8 + 14 * lines
    for number, (label, row) in enumerate(zip(row_labels, grid, strict=True)):
        top = above + 26 * number
        marks.append(row_label(label, top + 16, left))
        for across, (column, value) in enumerate(zip(column_labels, row, strict=True)):
            said = f"{label}, {column}: {UNKNOWN if value is None else write(value)}"
            kind, opacity = ("fill-hatch", None) if value is None else ("fill-1", strength(value, low, high))
            marks.append(Rect(place(left + step * across), top, place(step - 2), 24, kind, 2, opacity, said))
    return Plot(width, above + 2 + 26 * len(grid), title, description, tuple(marks))


def funnel(rows, *, title, description="", write=write_number, width=WIDTH):
    """Each step as a bar inside the step above, with its figure, and at the far end the row's note (its share)."""
    values = [figure(row.value) or 0 for row in rows]
    if not any(values):
        return Plot(width, 0, title, description, ())
    notes = max(text_width(row.note) for row in rows)
    left = label_column([row.label for row in rows], width=width, note_width=notes)
    scale = Scale(0, max(values), left, width - notes - max(text_width(write(value)) for value in values) - 24)
    marks, above = [], None
    for number, (row, value) in enumerate(zip(rows, values, strict=True)):
        top = 4 + 33 * number
        marks.append(row_label(row.label, top + 15, left))
        if above is not None and above > value:
            marks.append(bar_from_zero(scale, above, top, 22, "fill-band", ""))
        marks.append(bar_from_zero(scale, value, top, 22, f"fill-{row.series}", f"{row.label}: {write(value)}"))
        marks.append(Text(place(scale(max(value, above or 0)) + 8), top + 15, write(value), kind="chart__value"))
        marks += far_note(row.note, top + 15, width)
        above = value
    return Plot(width, 33 * len(rows), title, description, tuple(marks))


def stacked_bars(rows, *, title, description="", write=write_number, width=WIDTH):
    """Horizontal bars of parts that add up; a row is (label, parts), a part is a Bar with label, value and series."""
    totals = [sum(figure(part.value) or 0 for part in parts) for _label, parts in rows]
    if any((part.value or 0) < 0 for _label, parts in rows for part in parts):
        raise ValueError("Parts that add up cannot be negative.")
    if not any(totals):
        return Plot(width, 0, title, description, ())
    left = label_column([label for label, _parts in rows], width=width)
    scale = Scale(0, max(totals), left, width - max(text_width(write(total)) for total in totals) - 12)
    marks = []
    for number, ((label, parts), total) in enumerate(zip(rows, totals, strict=True)):
        top, so_far = 5 + 32 * number, 0
        marks.append(row_label(label, top + 14, left))
        for part in parts:
            if value := figure(part.value):
                x, end = scale(so_far), scale(so_far + value)
                said = f"{label}, {part.label}: {write(value)}"
                marks.append(Rect(x, top, place(max(end - x - 1, 0.5)), 20, f"fill-{part.series}", 2, title=said))
                so_far += value
        marks.append(Text(place(scale(total) + 8), top + 14, write(total), kind="chart__value"))
    return Plot(width, 32 * len(rows), title, description, tuple(marks))
