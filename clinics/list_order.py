"""The order of a list of people: any column, cut at any depth along an index.

A column whose order stands elsewhere (a stage, a place) or may be empty (a value, an e-mail) is taken group by group:
the groups are counted once, and only those that the page touches are read. An heir of `OrderedRows` names its columns.
"""

from functools import cached_property

from django.db.models import Case, Count, F, Q, Value, When


class OrderedRows:
    """The ids of rows in the order of a column ("name", or "-name" for the other way), to be counted and sliced.

    `plain` columns are a field each; `sparse` ones a field and the condition of having something in it; `grouped` ones
    a field, the order inside of a group, and a function that lists the values of the field in order. Rows without a
    value in the column come last, either way.
    """

    plain, sparse, grouped = {}, {}, {}
    may_be_blank = ()  # grouped fields whose missing value is an empty text

    def __init__(self, rows, sort):
        self.rows = rows.order_by()
        self.column, self.down = sort.removeprefix("-"), sort.startswith("-")

    def count(self):
        return sum(number for _condition, number in self.groups)

    def __getitem__(self, span):
        start, stop, touched, before = span.start, min(span.stop, self.count()), [], 0
        for condition, number in self.groups:
            if before < stop and before + number > start:
                touched.append(condition)
            if before + number <= start:
                start, stop = start - number, stop - number
            else:
                before += number
        if not touched:
            return []
        return list(self.read(touched).values_list("pk", flat=True)[start:stop])

    def read(self, groups):
        """The rows of some groups, in order."""
        rows = self.rows.filter(_any_of(groups))
        inner = self._inner_order()
        if len(groups) == 1:
            return rows.order_by(*inner)
        places = Case(*[When(group, then=Value(place)) for place, group in enumerate(groups)])
        return rows.order_by(places, *inner)

    @cached_property
    def groups(self):
        """(condition, number of rows) of each group, in order, in one or two queries."""
        if self.column in self.plain:
            return [(Q(), self.rows.values("pk").count())]
        if self.column in self.sparse:
            _field, known = self.sparse[self.column]
            figures = self.rows.aggregate(known=Count("clinic", filter=known), all=Count("clinic"))
            return [(known, figures["known"]), (~known, figures["all"] - figures["known"])]
        field, _inner, values = self.grouped[self.column]
        numbers = dict(self.rows.values_list(field).annotate(number=Count("clinic")))
        known = values()
        known = [*(reversed(known) if self.down else known), "" if field in self.may_be_blank else None]
        return [(Q(**{field: value}), numbers[value]) for value in known if value in numbers]

    def _inner_order(self):
        if self.column in self.grouped:
            return self.grouped[self.column][1]
        field = F(self.sparse[self.column][0] if self.column in self.sparse else self.plain[self.column])
        return [field.desc(), "-pk"] if self.down else [field.asc(), "pk"]


def _any_of(conditions):
    whole = conditions[0]
    for condition in conditions[1:]:
        whole |= condition
    return whole
