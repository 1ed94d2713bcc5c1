"""The rules and the people of a clinic as they stand, read once; then any number of leads are decided about."""

from collections import Counter

from django.db.models import Count, Q
from django.utils import timezone

from clinics.business_hours import BusinessHours, hours_of
from clinics.models import ClinicUser
from crm.assignment.choosing import Decision, How, Person, fewest, pick, stand_in, why_not
from crm.assignment.places import plain_code
from crm.models import AssignmentChange, AssignmentRule, PostalArea
from crm.models.lead_words import OPEN
from crm.rules import CoordinatorMissing


class Turns:
    """Whose turn it is. Decisions count at once in here; `giving.write_assignments` keeps them.

    `rules` (whole, in order) takes the place of those that are saved, `now` that of the present moment.
    """

    def __init__(self, clinic, *, rules=None, now=None):
        self.clinic, self.now = clinic, now or timezone.now()
        self.rules = read_rules() if rules is None else rules
        self.people = self._read_people()
        self.closed = Counter()  # leads that are over are no work: they go round on their own
        self.areas = self._read_areas()

    def decide(self, lead, *, preferred=None, but=None):
        """Who gets a lead (a Decision). `preferred` is who enters it, `but` somebody whom it must not be.

        Raises CoordinatorMissing if there is nobody who may own leads.
        """
        if lead.status not in OPEN:
            decision = self._round()
        else:
            decision = self._entered_by(preferred) or self._by_rules(lead, but) or self._fewest(but)
        person = self.people[decision.member.pk]
        person.open_leads += lead.status in OPEN
        person.new_today += lead.status in OPEN
        return decision

    def _entered_by(self, member):
        if not self.clinic.entered_leads_stay or getattr(member, "pk", None) not in self.people:
            return None
        return Decision(self.people[member.pk].member, How.ENTERED)

    def _by_rules(self, lead, but):
        self.passed = []
        for rule in self.rules:
            is_open = hours_of(self.clinic, lead.location_id).is_open(self.now)
            reason = why_not(rule, lead, is_open=is_open, areas=self.areas)
            found = None if reason else pick(rule, self.people, but=but)
            if found is not None:
                person, absent, credits = found
                return Decision(person.member, How.RULE, rule, absent, self.passed, credits)
            self.passed.append((rule, reason))
        return None

    def _fewest(self, but):
        person = fewest(self.people, but=but) or fewest(self.people)
        if person is None:
            raise CoordinatorMissing
        there = stand_in(person, self.people) if person.is_away else None
        absent = person.member if there else None
        return Decision((there or person).member, How.FEWEST, stands_in_for=absent, passed=self.passed)

    def _round(self):
        if not self.people:
            raise CoordinatorMissing
        there = [person for person in self.people.values() if not person.is_away] or list(self.people.values())
        coordinators = [person for person in there if not person.member.is_admin] or there
        person = min(coordinators, key=lambda each: (self.closed[each.member.pk], str(each.member.pk)))
        self.closed[person.member.pk] += 1
        return Decision(person.member, How.FEWEST)

    def at(self, moment):
        """Go to another moment: who is there then, and on a new day nobody has got anything yet."""
        is_new_day = self._day(moment) != self._day(self.now)
        self.now = moment
        for person in self.people.values():
            person.is_away = person.member.is_away_on(self._day(moment))
            person.deputy_id = person.member.deputy_id_on(self._day(moment))
            person.is_on_shift = shift_of(person.member, self.clinic).is_open(moment)
            person.new_today = 0 if is_new_day else person.new_today
        return self

    def _read_people(self):
        counted = ClinicUser.objects.coordinators().annotate(
            open_leads=Count("leads", filter=Q(leads__status__in=OPEN, leads__deleted_at=None))
        )
        members = list(counted.select_related("user", "location"))
        midnight = self.now.astimezone(self.clinic.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        is_limited = any(member.new_leads_a_day is not None for member in members)
        today = AssignmentChange.objects.new_since(midnight) if is_limited else {}
        return {
            member.pk: Person(
                member=member,
                open_leads=member.open_leads,
                new_today=today.get(member.pk, 0),
                is_away=member.is_away_on(self._day(self.now)),
                is_on_shift=shift_of(member, self.clinic).is_open(self.now),
                deputy_id=member.deputy_id_on(self._day(self.now)),
            )
            for member in members
        }

    def _day(self, moment):
        return moment.astimezone(self.clinic.zone).date()

    def _read_areas(self):
        if not any(rule.near_location_id for rule in self.rules):
            return {}
        return {plain_code(area.code): (area.latitude, area.longitude) for area in PostalArea.objects.all()}


def read_rules():
    """The rules that are in use, whole and in their order."""
    return list(AssignmentRule.objects.in_use().in_order().whole())


def shift_of(member, clinic):
    """When somebody works (BusinessHours): by their own working hours, or else while their location is open."""
    place = hours_of(clinic, member.location_id)
    return BusinessHours(member.working_hours, place.zone, place.holidays) if member.working_hours else place
