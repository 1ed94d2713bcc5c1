"""At the desk when a coordinator is out: whoever works with leads may give theirs to somebody who is here."""

from django.db import transaction

from crm.assignment.giving import assign_lead, undo_assignment
from crm.locking import lock_lead
from crm.rules import CoordinatorIsHere, NothingToUndo


@transaction.atomic
def cover_lead(lead, coordinator, *, by):
    """Give a lead whose coordinator is out of office, or that has none, to another one; returns it as assign_lead does.

    Raises CoordinatorIsHere, and what assign_lead raises.
    """
    lead = lock_lead(lead)
    if lead.assigned_to is not None and not lead.assigned_to.is_out_of_office:
        raise CoordinatorIsHere
    return assign_lead(lead, coordinator, by=by)


def uncover_lead(assignment, *, by):
    """Take back what one has covered oneself; returns the lead. Raises NothingToUndo and what undo_assignment does."""
    if assignment.by_id != by.pk:
        raise NothingToUndo
    return undo_assignment(assignment, by=by)
