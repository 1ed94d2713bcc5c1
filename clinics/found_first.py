"""Pages whose rows are found by their ids before anything is joined to them, and counted up to a number."""

from dataclasses import dataclass

from django.db.models import QuerySet


@dataclass(frozen=True)
class FoundFirst:
    """Rows to be paged: `found` says which and in what order, `join` what is shown of those of a page.

    Joined at once, PostgreSQL reads whole tables for fifty rows where it cannot tell how many a clinic has. They are
    counted, and paged, no further than `most`.
    """

    found: QuerySet
    join: callable
    most: int

    def count(self):
        return self.found.order_by().values("pk")[: self.most].count()

    def __getitem__(self, part):
        ids = self.found.values("pk")[part.start : min(part.stop, self.most)]
        return self.join(self.found.model.objects.filter(pk__in=ids)).order_by(*self.found.query.order_by)
