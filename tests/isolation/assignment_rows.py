"""One row of each model by which leads get their coordinators, are answered in time, and follow the schedule."""

from django.utils import timezone

from clinics.models import Location, Role
from crm.models import (
    AssignmentChange,
    AssignmentRule,
    AssignmentShare,
    Disagreement,
    Lead,
    LeadClock,
    LeadSource,
    PostalArea,
)
from patients.models import Appointment
from tests.isolation.rows import makes

BODIES = {
    "crm:assignment_rule_create": lambda world: _rule(world),
    "crm:assignment_rule_edit": lambda world: _rule(world),
    "crm:assignment_rule_trial": lambda world: _rule(world),
    "crm:disagreement_keep": lambda world: {"reason": "They call back"},
    "crm:hand_over": lambda world: {"to": world.admin.pk},
}


def _rule(world):
    return {
        "name": "A rule", "order": 3, "hours": "ANY", "way": "TURN", "source_ids": [world[LeadSource].pk],
        "location": world[Location].pk, f"weight_{world.admin.pk}": 1,
    }  # fmt: skip


@makes(AssignmentRule)
def assignment_rule(world):
    return AssignmentRule.objects.create(
        name=f"{world.word} rule", source_ids=[world[LeadSource].pk], location=world[Location]
    )


@makes(AssignmentShare)
def assignment_share(world):
    return AssignmentShare.objects.create(
        rule=world[AssignmentRule], member=world.members[Role.TREATMENT_COORDINATOR], weight=2
    )


@makes(PostalArea)
def postal_area(world):
    return PostalArea.objects.create(code=world.word[:6], name=world.word, latitude=41.9, longitude=-87.6)


@makes(AssignmentChange)
def assignment_change(world):
    return AssignmentChange.objects.create(
        lead=world[Lead],
        from_member=world.admin,
        to_member=world.members[Role.TREATMENT_COORDINATOR],
        how="RULE",
        rule=world[AssignmentRule],
        rule_name=f"{world.word} rule",
        by=world.admin,
        changed_at=timezone.now(),
    )


@makes(LeadClock)
def lead_clock(world):
    now = timezone.now()
    return LeadClock.objects.create(lead=world[Lead], member=world.admin, started_at=now, due_at=now)


@makes(Disagreement)
def disagreement(world):
    return Disagreement.objects.create(
        lead=world[Lead], kind="BOOKED", appointment=world[Appointment], found_at=timezone.now()
    )
