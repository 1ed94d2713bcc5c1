"""The filters and sorts of the list of leads as questions of the API: the same FilterSet, so the same answers."""

import django_filters
from django.http import QueryDict
from ninja import Field
from pydantic import create_model

from clinics.api_paging import PageAsked
from clinics.api_problems import Problem
from crm.filters import LeadFilter
from crm.lead_order import DEFAULT_SORT, SORTS, in_order
from crm.models import Lead


def _questions():
    """(name, description) of each question that the FilterSet of the list answers."""
    for name, narrowing in LeadFilter.base_filters.items():
        if isinstance(narrowing, django_filters.DateFromToRangeFilter):
            yield f"{name}_after", f"{narrowing.label}: this day or later."
            yield f"{name}_before", f"{narrowing.label}: this day or earlier."
        else:
            yield name, f"{narrowing.label}."


LeadsAsked = create_model(
    "LeadsAsked",
    __base__=PageAsked,
    sort=(
        str,
        Field(
            DEFAULT_SORT,
            pattern=f"^-?({'|'.join(SORTS)})$",
            description=f"One of {', '.join(SORTS)}; with a minus the other way round.",
        ),
    ),
    **{name: (str | None, Field(None, description=words, max_length=200)) for name, words in _questions()},
)


def leads_asked(request, asked):
    """The ids of the leads that pass the filters, in order. Raises Problem 422 for a value that no filter knows."""
    known = asked.model_dump(exclude={"page", "limit", "sort"}, exclude_none=True)
    query = QueryDict(mutable=True)
    query.update(known)
    narrowing = LeadFilter(query, request=request)
    if narrowing.complaints:
        found = narrowing.complaints.items()
        raise Problem(422, errors=[{"field": name, "message": words} for name, words in found])
    return in_order(narrowing.narrow(Lead.objects.present()), asked.sort)
