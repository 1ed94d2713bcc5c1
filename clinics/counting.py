"""Counting several things at once."""

from django.db.models import IntegerField, Subquery


def count_some(questions, *, most, beside, in_order=False):
    """How many rows each of some querysets has, counted no further than `most`: one row {name: number}, one statement.

    `beside` is a queryset of exactly one row, which the numbers are put beside. Rows whose order is that of an index
    are counted `in_order`, since PostgreSQL may read through the whole table for the first few in none.
    """
    asked = {name: rows if in_order else rows.order_by() for name, rows in questions.items()}
    numbers = {name: NumberUpTo(rows.values("pk")[:most]) for name, rows in asked.items()}
    return beside.order_by().values(**numbers)


class NumberUpTo(Subquery):
    """How many rows a queryset has that ends somewhere."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def in_words(number, *, most):
    """A number that was counted no further than `most`: "99+" where counting to 100 ended."""
    return f"{most - 1}+" if number >= most else str(number)
