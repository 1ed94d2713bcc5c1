"""Which rule a lead fits, and whose turn it is among its people. Plain reasoning: nothing here asks the database."""

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from crm.assignment.places import distance_km, find_place, is_among
from crm.models import AssignmentChange, AssignmentRule

How, Way, Hours = AssignmentChange.How, AssignmentRule.Way, AssignmentRule.Hours


@dataclass
class Person:
    """Somebody who may own leads, as things stand at the moment; `open_leads` and `new_today` grow with each lead."""

    member: object
    open_leads: int = 0
    new_today: int = 0
    is_away: bool = False
    is_on_shift: bool = True
    deputy_id: object = None

    @property
    def is_full(self):
        member = self.member
        has_all = member.capacity is not None and self.open_leads >= member.capacity
        has_today = member.new_leads_a_day is not None and self.new_today >= member.new_leads_a_day
        return has_all or has_today

    @property
    def room(self):
        """How many more open leads they may have; without a limit, more than anybody with one."""
        return float("inf") if self.member.capacity is None else self.member.capacity - self.open_leads


@dataclass
class Decision:
    """Who gets a lead and why. `passed` are the rules before it, each with why it did not decide; `credits` is what the
    people of the rule gained or paid: {share id: weights}; `task_ids` are tasks that go with the lead.
    """

    member: object
    how: str
    rule: object = None
    stands_in_for: object = None
    passed: list = field(default_factory=list)
    credits: dict = field(default_factory=dict)
    task_ids: list = field(default_factory=list)


def why_not(rule, lead, *, is_open, areas):
    """What of a rule a lead does not fit, in a few words; None if it fits. `areas` are places by postal code."""
    if rule.source_ids and lead.source_id not in rule.source_ids:
        return _("another source")
    if rule.interests and not set(rule.interests) & set(lead.treatment_interest):
        return _("another interest")
    if rule.location_id and lead.location_id != rule.location_id:
        return _("another location")
    if rule.postal_codes and not is_among(lead.postal_code, rule.postal_codes):
        return _("another postal code") if lead.postal_code else _("postal code not known")
    if rule.near_location_id and (far := _why_not_near(rule, lead, areas)):
        return far
    if rule.hours == Hours.OPEN and not is_open:
        return _("asked while closed")
    if rule.hours == Hours.CLOSED and is_open:
        return _("asked while open")
    return None


def _why_not_near(rule, lead, areas):
    here, there = rule.near_location, find_place(lead.postal_code, areas)
    if there is None or here.latitude is None or here.longitude is None:
        return _("distance not known")
    kilometres = distance_km((here.latitude, here.longitude), there)
    return None if kilometres <= rule.within_km else _("%(km)d km away") % {"km": round(kilometres)}


def pick(rule, people, *, but=None):
    """(person, who they stand in for or None, credits) of a rule; None if nobody of it is free.

    `people` are all who may own leads: {member id: Person}; `but` is somebody whom it must not be. A deputy stands in
    only when nobody of the rule is there: who is away misses their turn, they do not send somebody.
    """
    shares = [share for share in rule.people if share.member_id in people and share.member_id != but]
    free = [share for share in shares if _is_free(people[share.member_id], rule)]
    if free:
        share = _choose(rule, free, people)
        credits = _take_turn(share, free) if rule.way == Way.TURN else {}
        return people[share.member_id], None, credits
    for share in shares:
        absent = people[share.member_id]
        deputy = stand_in(absent, people) if absent.is_away else None
        if deputy is not None and deputy.member.pk != but and _is_free(deputy, rule):
            return deputy, absent.member, {}
    return None


def stand_in(person, people):
    """Who is there for somebody who is away: their deputy, or the deputy's; None if none of them is there."""
    seen = set()
    while person is not None and person.is_away and person.member.pk not in seen:
        seen.add(person.member.pk)
        person = people.get(person.deputy_id)
    return None if person is None or person.is_away else person


def _is_free(person, rule):
    if person.is_away or (rule.only_on_shift and not person.is_on_shift):
        return False
    return not (rule.minds_capacity and person.is_full)


def _choose(rule, shares, people):
    if rule.way == Way.LISTED:
        return shares[0]
    if rule.way == Way.ROOM:
        return min(shares, key=lambda share: (-people[share.member_id].room, people[share.member_id].open_leads))
    return max(shares, key=lambda share: share.credit + share.weight)  # the first of equals, as listed


def _take_turn(chosen, shares):
    """Smooth weighted round robin: all who could have had it gain their weight, whoever gets it pays for all."""
    total = sum(share.weight for share in shares)
    moved = {share.pk: share.weight - (total if share is chosen else 0) for share in shares}
    for share in shares:
        share.credit += moved[share.pk]
    return moved


def fewest(people, *, but=None):
    """Whoever has the fewest open leads: of those at work, coordinators before admins; None if there is nobody."""
    others = [person for person in people.values() if person.member.pk != but]
    there = [person for person in others if not person.is_away] or others
    coordinators = [person for person in there if not person.member.is_admin] or there
    return min(coordinators, key=lambda person: (person.open_leads, str(person.member.pk)), default=None)
