"""The rows of the list of leads, on a page and in a file."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import F
from django.utils import timezone

from crm.models import Lead, LeadTag, LeadTask
from crm.models.lead_queries import ShownLead
from crm.own_questions import is_own_name

ROWS_AT_ONCE = 500


class Step(NamedTuple):
    """What is to be done next for a lead."""

    title: str
    due_at: datetime

    @property
    def is_overdue(self):
        return self.due_at < timezone.now()


class Row(NamedTuple):
    """A lead, its next step or None, and the names of its tags."""

    lead: ShownLead
    task: Step | None = None
    tags: tuple = ()


def rows_of(lead_ids, layout):
    """Leads by id, in the order of the ids, with what the columns show of them: one or two queries at any depth."""
    more = {"next_task": LeadTask.objects.next_of_outer_lead()} if layout.shows("next") else {}
    if any(is_own_name(key) for key in layout.keys):
        more["answers"] = F("extra__answers")
    found = Lead.objects.filter(pk__in=lead_ids).as_shown(**more) if lead_ids else []
    leads = {lead.pk: lead for lead in found}
    tags = LeadTag.objects.names_of(lead_ids) if layout.shows("tags") else {}
    return [Row(leads[pk], _step(leads[pk].next_task), tuple(tags.get(pk, ()))) for pk in lead_ids if pk in leads]


def _step(task):
    return task and Step(task["title"], datetime.fromisoformat(task["due_at"]))


def csv_rows(lead_ids, layout):
    """Yield the leads of `lead_ids` as rows of a file, in their order; asks the database only while it is iterated."""
    for start in range(0, len(lead_ids), ROWS_AT_ONCE):
        for row in rows_of(lead_ids[start : start + ROWS_AT_ONCE], layout):
            yield [cell for column in layout.columns for cell in column.cells(*row)]
