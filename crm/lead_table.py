"""The rows of the list of leads, on a page and in a file."""

from typing import NamedTuple

from crm.models import Lead, LeadTag, LeadTask

ROWS_AT_ONCE = 500


class Row(NamedTuple):
    """A lead, its next task or None, and the names of its tags."""

    lead: Lead
    task: LeadTask | None = None
    tags: tuple = ()


def rows_of(lead_ids, layout):
    """Leads by id, in the order of the ids, with what the columns show of them: two or three queries at any depth."""
    leads = {lead.pk: lead for lead in Lead.objects.filter(pk__in=lead_ids).for_rows(layout.keys)}
    tasks = LeadTask.objects.next_of(lead_ids) if layout.shows("next") else {}
    tags = LeadTag.objects.names_of(lead_ids) if layout.shows("tags") else {}
    return [Row(leads[pk], tasks.get(pk), tuple(tags.get(pk, ()))) for pk in lead_ids if pk in leads]


def csv_rows(lead_ids, layout):
    """Yield the leads of `lead_ids` as rows of a file, in their order; asks the database only while it is iterated."""
    for start in range(0, len(lead_ids), ROWS_AT_ONCE):
        for row in rows_of(lead_ids[start : start + ROWS_AT_ONCE], layout):
            yield [cell for column in layout.columns for cell in column.cells(*row)]
