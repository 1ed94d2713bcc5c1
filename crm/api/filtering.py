"""What may be asked of the list of leads."""

from clinics.api_filtering import query_of, questions_of
from clinics.api_problems import Problem
from crm.filters import LeadFilter
from crm.lead_order import DEFAULT_SORT, SORTS, in_order
from crm.models import Lead, LeadTally

LeadsAsked = questions_of("LeadsAsked", LeadFilter, sorts=SORTS, usual=DEFAULT_SORT)


def leads_asked(request, asked):
    """The ids of the leads that pass the filters, in order. Raises Problem 422 for a value that no filter knows."""
    narrowing = LeadFilter(query_of(asked), request=request)
    if narrowing.complaints:
        found = narrowing.complaints.items()
        raise Problem(422, errors=[{"field": name, "message": words} for name, words in found])
    tallies = narrowing.narrow(LeadTally.objects.all()) if narrowing.is_tallied else None
    return in_order(narrowing.narrow(Lead.objects.present()), asked.sort, tallies=tallies)
