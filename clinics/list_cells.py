"""Drawing the cells of a list of people from plain words, so that equal cells are drawn only once."""

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from clinics.moments import moments_of_reader
from clinics.templatetags.memory import draw


class ListCells:
    """Draws the cells of one table; what they have in common is looked up once.

    An heir has a method for each column that takes the parts of a row and returns the facts from which the part of
    `template` with the same name is drawn; `page` is the view of the list.
    """

    template = page = ""

    def __init__(self):
        self.moments, self.now = moments_of_reader(), timezone.now()
        self.url, self.select = reverse(self.page), _("Select %(name)s")

    def of(self, row, keys):
        """The cells of a row for the columns of these keys, as HTML."""
        cells = [self.cell(row, key) for key in keys]
        return format_html("{}" * len(cells), *cells)

    def cell(self, row, key):
        """One cell as HTML."""
        return draw(f"{self.template}#{key}", getattr(self, key)(*row), self.moments.language)

    def of_all(self, rows, columns, *, with_check):
        """The same for every row, before them the box to tick where rows can be acted on."""
        keys = ["check"] if with_check else []
        keys += [column.key for column in columns]
        return [self.of(row, keys) for row in rows]

    def moment(self, moment):
        """A moment in few words, and in full as the title."""
        return {"text": self.moments.short_date(moment), "title": self.moments.exact(moment)}
