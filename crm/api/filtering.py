"""The filters and sorts of the list of leads as questions of the API: the same FilterSet, so the same answers."""

from datetime import date

import django_filters
from django.http import QueryDict
from ninja import Field
from pydantic import create_model

from clinics.api_fields import text
from clinics.api_paging import PageAsked
from clinics.api_problems import Problem
from clinics.filter_fields import FlagFilter, SeveralFilter
from crm.filters import LeadFilter
from crm.lead_order import DEFAULT_SORT, SORTS, in_order
from crm.models import Lead, LeadTally

Word = text(200)


def _questions():
    """(name, type, default, description) of each question that the FilterSet of the list answers."""
    for name, narrowing in LeadFilter.base_filters.items():
        if isinstance(narrowing, django_filters.DateFromToRangeFilter):
            yield f"{name}_after", date | None, None, f"{narrowing.label}: this day or later."
            yield f"{name}_before", date | None, None, f"{narrowing.label}: this day or earlier."
        elif isinstance(narrowing, SeveralFilter):
            yield name, list[Word], [], f"{narrowing.label}. Name it several times for any of several."
        elif isinstance(narrowing, FlagFilter):
            yield name, bool, False, f"{narrowing.label}."
        else:
            yield name, Word | None, None, f"{narrowing.label}."


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
    **{name: (kind, Field(default, description=words)) for name, kind, default, words in _questions()},
)


def leads_asked(request, asked):
    """The ids of the leads that pass the filters, in order. Raises Problem 422 for a value that no filter knows."""
    query = QueryDict(mutable=True)
    for name, value in asked.model_dump(exclude={"page", "limit", "sort"}, exclude_defaults=True).items():
        query.setlist(name, value if isinstance(value, list) else [str(value)])
    narrowing = LeadFilter(query, request=request)
    if narrowing.complaints:
        found = narrowing.complaints.items()
        raise Problem(422, errors=[{"field": name, "message": words} for name, words in found])
    tallies = narrowing.narrow(LeadTally.objects.all()) if narrowing.is_tallied else None
    return in_order(narrowing.narrow(Lead.objects.present()), asked.sort, tallies=tallies)
