"""Counting several things at once."""

from django.db.models import CharField, Count, Value


def count_each(questions):
    """How many rows each of some querysets has: a queryset of {"what", "number"}, one statement."""
    first, *others = [
        rows.order_by().values(what=Value(name, output_field=CharField())).annotate(number=Count("pk"))
        for name, rows in questions.items()
    ]
    return first.union(*others, all=True)
