"""The parts that several charts share: names of rows, bars from zero, the upright axis, unbroken runs of a line."""

from clinics.chart_marks import Dot, Path, Rect, Text
from clinics.chart_scales import UprightScale, figure, fit, nice_ticks, place, text_width

UNKNOWN = "—"


def row_label(label, y, left):
    return Text(0, y, fit(label, left - 12), kind="chart__strong", whole=str(label))


def far_note(note, y, width):
    return [Text(width, y, note, "end")] if note else []


def bar_from_zero(scale, value, top, thickness, kind, title):
    x, end = sorted((scale(0), scale(value)))
    return Rect(x, top, place(max(end - x, 0.5)), thickness, kind, title=title)


def strength(value, low, high):
    """Seven steps from barely there to full, since nobody tells more of them apart."""
    return round(0.1 + 0.9 * round(6 * (value - low) / ((high - low) or 1)) / 6, 2)


def labels_every(labels, step):
    """Every how many of the labels there is room for one."""
    widest = max((text_width(str(label)) for label in labels), default=0)
    return max(1, min(-int(-(widest + 8) // step), -(-len(labels) // 2)))


def vertical_axis(values, write, right, height):
    """The scale of an upright picture and its grid. The place where the picture begins is the scale's `left`."""
    known = [value for value in values if value is not None]
    whole = all(value == int(value) for value in known)
    ticks = nice_ticks(min(known, default=0), max(known, default=1), most=5, whole=whole)
    left = place(max(text_width(write(tick)) for tick in ticks) + 14)
    scale = UprightScale(ticks[0], ticks[-1], height - 36, 16, left)
    marks = []
    for tick in ticks:
        marks += [
            Path(f"M{left} {scale(tick)}H{right}", "chart__grid"),
            Text(left - 12, place(scale(tick) + 4), write(tick), "end"),
        ]
    return scale, marks


def interval(row, value, low, high, middle, scale, write):
    if row.remark or value is None:
        return [Text(scale.start + 6, middle + 4, row.remark or UNKNOWN)]
    marks, said = [], f"{row.label}: {write(value)}"
    if low is not None and high is not None:
        said = f"{said} ({write(low)} – {write(high)})"
        start, end = scale(low), scale(high)
        marks.append(
            Path(f"M{start} {middle}H{end}M{start} {middle - 4}v8M{end} {middle - 4}v8", "chart__whisker", said)
        )
    mark = figure(row.mark)
    if mark is not None:
        marks.append(Path(f"M{place(scale(mark) - 4)} {middle - 13}h8l-4 7z", "fill-3", row.mark_label))
    return [*marks, Dot(scale(value), middle, "fill-1", title=said)]


def runs(values, places, scale):
    """The unbroken stretches of a line, as places."""
    runs, run = [], []
    for x, value in zip(places, values, strict=True):
        if value is None:
            runs, run = [*runs, run], []
        else:
            run.append((x, scale(value)))
    return [run for run in [*runs, run] if run]


def band_paths(band, places, scale):
    edges = [None if None in pair else pair for pair in zip(band.low, band.high, strict=True)]
    lows = runs([pair and pair[0] for pair in edges], places, scale)
    highs = runs([pair and pair[1] for pair in edges], places, scale)
    return [
        "M" + "L".join(f"{x} {y}" for x, y in [*high, *reversed(low)]) + "Z"
        for low, high in zip(lows, highs, strict=True)
        if len(low) > 1
    ]
