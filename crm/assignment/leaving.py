"""Handing over all that is open of a person, and what becomes of it when they leave without doing so.

It is an act on many leads: a few at once, more in the background, with a page of its own, taken back from its toast.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from clinics.members import deactivate_member
from clinics.models import ClinicUser
from crm.assignment.giving import check_coordinator
from crm.assignment.mending import mend_ownerless_leads
from crm.bulk import start_bulk
from crm.models import BulkAct, Lead, LeadTask
from crm.rules import HandedToThemselves


@dataclass(frozen=True)
class AllOf:
    """The leads that are open of a member, and those of others for which they have something to do."""

    member: ClinicUser
    query: None = None

    @property
    def ids(self):
        """Whose leads they are: by this a second press is known for the first."""
        return [self.member.pk]

    def people(self, _by):
        return Lead.objects.of_whom_or_whose_tasks(self.member)


@dataclass(frozen=True)
class WhatIsOpen:
    """How much a member would hand over."""

    leads: int
    tasks: int

    @property
    def is_anything(self):
        return bool(self.leads or self.tasks)


def what_is_open(member):
    """How many open leads and open tasks are a member's."""
    tasks = LeadTask.objects.open().of_present_leads().filter(assigned_to=member)
    return WhatIsOpen(Lead.objects.open().owned_by(member).count(), tasks.count())


@transaction.atomic
def hand_over(member, to, *, by, key="", leaves=False):
    """Give all open leads and tasks of a member to `to`, or by the rules if that is None; returns the BulkAct.

    With `leaves`, the member is let in no more, in the same moment. Returns None if they have nothing open. Raises
    HandedToThemselves, NotACoordinator, and what deactivate_member raises.
    """
    if to is not None:
        if to.pk == member.pk:
            raise HandedToThemselves
        check_coordinator(to)
    if leaves:
        deactivate_member(member, by=by)
    chosen = AllOf(member)
    if not chosen.people(by).exists():
        return None
    receiver = to.display_name if to else _("by the rules")
    facts = {
        "from": str(member.pk),
        "to": str(to.pk) if to else "",
        "names": f"{member.display_name} → {receiver}",
    }
    return start_bulk(BulkAct.Kind.HAND_OVER, chosen, facts, by=by, key=key)


def settle_leaver(clinic, member):
    """Give what a member has left behind new owners by the rules, unless somebody is handing it over right now.

    Leads of whoever was let in again meanwhile are theirs still.
    """
    acts = BulkAct.objects.filter(kind=BulkAct.Kind.HAND_OVER, status=BulkAct.Status.WORKING)
    if not acts.filter(facts__contains={"from": str(member.pk)}).exists():
        mend_ownerless_leads(clinic)
