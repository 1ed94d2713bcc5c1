"""The filters and sorts of a list as questions of the API: the same FilterSet, so the same answers."""

from datetime import date

import django_filters
from django.http import QueryDict
from ninja import Field
from pydantic import create_model

from clinics.api_fields import text
from clinics.api_paging import PageAsked
from clinics.filter_fields import FlagFilter, SeveralFilter

Word = text(200)


def questions_of(name, filterset, *, sorts, usual):
    """The schema `name` of what may be asked of a list: a page, an order, and every filter of a FilterSet class."""
    words = f"One of {', '.join(sorts)}; with a minus the other way round."
    sort = (str, Field(usual, pattern=f"^-?({'|'.join(sorts)})$", description=words))
    filters = {field: (kind, Field(default, description=said)) for field, kind, default, said in _questions(filterset)}
    return create_model(name, __base__=PageAsked, sort=sort, **filters)


def query_of(asked):
    """The filters of what was asked, as the address of the list would hold them."""
    query = QueryDict(mutable=True)
    for name, value in asked.model_dump(exclude={"page", "limit", "sort"}, exclude_defaults=True).items():
        query.setlist(name, value if isinstance(value, list) else [str(value)])
    return query


def _questions(filterset):
    """(name, type, default, description) of each question that a FilterSet answers."""
    for name, narrowing in filterset.base_filters.items():
        if isinstance(narrowing, django_filters.DateFromToRangeFilter):
            yield f"{name}_after", date | None, None, f"{narrowing.label}: this day or later."
            yield f"{name}_before", date | None, None, f"{narrowing.label}: this day or earlier."
        elif isinstance(narrowing, SeveralFilter):
            yield name, list[Word], [], f"{narrowing.label}. Name it several times for any of several."
        elif isinstance(narrowing, FlagFilter):
            yield name, bool, False, f"{narrowing.label}."
        else:
            yield name, Word | None, None, f"{narrowing.label}."
