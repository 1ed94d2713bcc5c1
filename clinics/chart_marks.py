"""The words that charts are described in: marks of a picture, what goes into one, and how it stands on a page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    x: float
    y: float
    text: str
    anchor: str = "start"
    kind: str = ""
    whole: str = ""
    shape = "text"

    @property
    def is_shortened(self):
        return bool(self.whole) and self.whole != self.text


@dataclass(frozen=True)
class Rect:
    x: float
    y: float
    width: float
    height: float
    kind: str
    radius: float = 3
    opacity: float | None = None
    title: str = ""
    shape = "rect"


@dataclass(frozen=True)
class Path:
    d: str
    kind: str
    title: str = ""
    shape = "path"


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    kind: str
    radius: float = 5
    title: str = ""
    shape = "dot"


@dataclass(frozen=True)
class Plot:
    """The marks of one picture; `title` and `description` are what a screen reader says of it."""

    width: float
    height: float
    title: str
    description: str
    marks: tuple

    @property
    def is_empty(self):
        return not self.marks

    @property
    def is_wide(self):
        """Whether a phone had better scroll it than shrink its words."""
        return self.width > 700

    @property
    def has_hatch(self):
        return any(mark.kind == "fill-hatch" for mark in self.marks)


@dataclass(frozen=True)
class Column:
    label: str
    is_number: bool = True


@dataclass(frozen=True)
class Table:
    """The figures of a chart to read: the first cell of each row names it, all cells are text."""

    columns: tuple
    rows: tuple

    @property
    def cells(self):
        """For each row its cells, each with its column."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Legend:
    """`series` is 1 to 5, muted or axis; `form` is empty for a square, or line, dash, band, hatch."""

    label: str
    series: str = "1"
    form: str = ""


@dataclass(frozen=True)
class Figure:
    """A chart as it stands on a page. `key` is unique on it."""

    key: str
    question: str
    answer: str
    plot: Plot
    table: Table
    csv_url: str = ""
    legend: tuple = ()
    foot: str = ""


@dataclass(frozen=True)
class Bar:
    """`series` 1 is the subject, muted its company, hatch the unknown or held back; `note` stands at the far end."""

    label: str
    value: float | None
    note: str = ""
    series: str = "1"


@dataclass(frozen=True)
class Whisker:
    """An estimate and its interval; `remark` stands in their place where there is too little to tell.

    `mark` is what it is to be held against, `mark_label` says what that is.
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""
    remark: str = ""
    mark: float | None = None
    mark_label: str = ""


@dataclass(frozen=True)
class Line:
    """`values` may hold None, where the line breaks; a dashed one has not happened yet."""

    values: tuple
    series: str = "1"
    is_dashed: bool = False


@dataclass(frozen=True)
class Band:
    low: tuple
    high: tuple
