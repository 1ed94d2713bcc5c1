"""How to make the rows of the search for duplicates; see rows.py."""

from uuid import UUID, uuid4

from crm.duplicates.merging import merge_leads
from crm.models import DuplicatePair, DuplicateSweep, Lead, LeadMatchKey, LeadMerge
from crm.tests.factories import LeadFactory
from tests.isolation.rows import makes

# What stands in the addresses of this room.
ADDRESSES = {
    "crm:duplicate_detail": DuplicatePair,
    "crm:duplicate_dismiss": DuplicatePair,
    "crm:duplicate_household": DuplicatePair,
    "crm:duplicate_merge": DuplicatePair,
    "crm:duplicate_reopen": DuplicatePair,
    "crm:lead_merge": Lead,
    "crm:lead_merge_undo": LeadMerge,
}


@makes(LeadMatchKey)
def lead_match_key(world):
    return LeadMatchKey.objects.create(lead=world[Lead], key=77)


@makes(DuplicatePair)
def duplicate_pair(world):
    """The first of a pair has the smaller id: smaller than anybody's, so that any lead may be hung on as the other."""
    smallest = LeadFactory(pk=UUID(int=uuid4().int >> 64), first_name=f"{world.word} twice")
    return DuplicatePair.objects.create(
        one=smallest, other=world[Lead], verdict="POSSIBLE", score=60, reasons=["phone_shared"], facts="0" * 64
    )


@makes(DuplicateSweep)
def duplicate_sweep(world):
    return DuplicateSweep.objects.create(found_count=3)


@makes(LeadMerge)
def lead_merge(world):
    """Two leads of their own are merged, so that the lead of the world stays as it is."""
    survivor, other = (LeadFactory(first_name=f"{world.word} {which}") for which in ("stays", "goes"))
    return merge_leads(survivor, other, by=world.admin)
