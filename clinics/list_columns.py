"""The columns that a list of people can show, how one person has arranged them, and the same columns in a file."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from clinics.models import ListLayout

SIZES = (25, 50, 100)


@dataclass(frozen=True)
class Column:
    """`key` names it in addresses and templates; `cells` are what a file shows of a row under each of `header`."""

    key: str
    label: str
    cells: Callable
    header: tuple = ()
    is_figure: bool = False
    is_sorted: bool = True

    @property
    def headings(self):
        return self.header or (self.label,)


@dataclass(frozen=True)
class Layout:
    """The columns of a list in order, the name always first, and how many rows a page has."""

    columns: tuple[Column, ...]
    size: int

    @property
    def keys(self):
        return [column.key for column in self.columns]

    @property
    def header(self):
        """The first line of a file with these columns."""
        return [str(words) for column in self.columns for words in column.headings]

    def shows(self, key):
        return any(column.key == key for column in self.columns)


@dataclass(frozen=True)
class Catalogue:
    """Every column that one list (a SavedView.Layout) can show, the first of them always, and the usual ones by key."""

    layout: str
    columns: tuple[Column, ...]
    usual: tuple[str, ...]

    @property
    def name(self):
        return self.columns[0]

    @property
    def by_key(self):
        return {column.key: column for column in self.columns}

    def layout_of(self, member):
        """The list as a member has arranged it, or as it usually is."""
        kept = ListLayout.objects.filter(member=member, layout=self.layout).first()
        return self.arranged(kept.columns, kept.size) if kept else self.arranged()

    def arranged(self, keys=None, size=SIZES[1]):
        """The list with the columns of these keys, or with the usual ones."""
        return Layout(self.columns_of(self.usual if keys is None else keys), size)

    def columns_of(self, keys):
        """The columns of some keys, the name first; a key that is not known any more is passed over."""
        by_key = self.by_key
        others = dict.fromkeys(key for key in keys if key in by_key and key != self.name.key)
        return (self.name, *(by_key[key] for key in others))

    def every_column(self):
        """The list with all its columns, for a file that leaves nothing out."""
        return Layout(self.columns_of(self.by_key), SIZES[1])

    @transaction.atomic
    def arrange(self, member, *, columns, size):
        """Keep which columns a member wants, in which order, and how many rows a page; returns the ListLayout."""
        keys = [column.key for column in self.columns_of(columns)[1:]]
        layout, _is_new = ListLayout.objects.update_or_create(
            member=member,
            layout=self.layout,
            defaults={"columns": keys, "size": size if size in SIZES else SIZES[1]},
        )
        return layout


def size_asked(query, layout):
    """How many rows the page at hand has: what its address says, or else what the member has chosen."""
    wanted = query.get("size", "")
    return int(wanted) if wanted.isdigit() and int(wanted) in SIZES else layout.size
