"""Figures in rows and columns: written for people on the page and in mail, plain for spreadsheets in a CSV."""

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from clinics.chart_marks import Column as TableColumn
from clinics.chart_marks import Table
from clinics.templatetags.ui import count, currency_at_hand, money, percent, rounded

NOTHING = "—"


def days(value):
    return _("%(n)s d") % {"n": decimal(value)}


def minutes(value, *, like=None):
    """3.2 -> 3:12; from two hours on in hours, from two days on in days; or in the unit that `like` minutes have."""
    size = value if like is None else like
    if size < 120:
        seconds = round(value * 60)
        return f"{seconds // 60}:{seconds % 60:02d}"
    if value < 2880:
        return _("%(n)s h") % {"n": number_format(rounded(value / 60, 1), decimal_pos=1)}
    return days(value / 1440)


def decimal(value):
    places = 0 if value == int(value) else 1
    return number_format(rounded(value, places), decimal_pos=places, force_grouping=True)


def whole(value):
    return count(round(value))


def units(value):
    """An amount in whole units of money, for charts, where cents are noise."""
    return money(round(value) * 100)


def times(value):
    """3.07 -> +307%: what came back beyond each unit spent."""
    return (
        f"{'+' if value > 0 else '−' if value < 0 else ''}{number_format(rounded(abs(value) * 100, 0), decimal_pos=0)}%"
    )


WRITTEN = {
    "text": str,
    "count": whole,
    "decimal": decimal,
    "share": percent,
    "money": lambda cents: money(round(cents)),
    "days": days,
    "minutes": minutes,
    "return": times,
}
PLAIN = {
    "text": str,
    "count": round,
    "decimal": lambda value: round(value, 4),
    "share": lambda value: round(value, 4),
    "money": lambda cents: f"{round(cents) / 100:.2f}",
    "days": lambda value: round(value, 2),
    "minutes": lambda value: round(value, 2),
    "return": lambda value: round(value, 4),
}


@dataclass(frozen=True)
class Column:
    """`kind` is text, count, decimal, share, money (cents), days, minutes or return.

    What `is_aside` is left out where there is little room, as in a letter; the page and the file have it all.
    """

    label: str
    kind: str = "count"
    is_aside: bool = False

    @property
    def is_number(self):
        return self.kind != "text"


@dataclass(frozen=True)
class Sheet:
    """Raw values, None for what is not known; `total` is a last row, or empty."""

    columns: tuple
    rows: tuple
    total: tuple = ()

    @property
    def all_rows(self):
        return [*self.rows, *([self.total] if self.total else [])]

    def table(self):
        """The same for people."""
        columns = tuple(TableColumn(column.label, column.is_number) for column in self.columns)
        return Table(columns, tuple(self._written(row, WRITTEN, NOTHING) for row in self.all_rows))

    def narrow_table(self):
        """The same for a letter: without the columns that are aside."""
        kept = [place for place, column in enumerate(self.columns) if not column.is_aside]
        narrow = [tuple(row[place] for place in kept) for row in (self.columns, *self.all_rows)]
        return Sheet(narrow[0], tuple(narrow[1:])).table()

    @property
    def header(self):
        """The labels for a file, where figures are plain: each says in what it counts."""
        units = {"days": _("days"), "minutes": _("minutes"), "money": currency_at_hand()}
        return [
            f"{column.label} ({units[column.kind]})" if column.kind in units else column.label
            for column in self.columns
        ]

    def plain_rows(self):
        """The same for spreadsheets; what is not known is empty."""
        return [self._written(row, PLAIN, "") for row in self.all_rows]

    def _written(self, row, ways, nothing):
        return tuple(
            nothing if value is None else ways[column.kind](value)
            for column, value in zip(self.columns, row, strict=True)
        )
