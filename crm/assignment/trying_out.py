"""Trying rules out on the leads of the last days: who would have got them, by which rule, and why no other decided.

Nothing is written. The leads come in again in their order, each at its moment: who was away or off shift then, who had
as many new ones that day, and what the clinic had open before the first of them.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.assignment.turns import Turns
from crm.models import Lead

DAYS = 7
MOST = 2000
SHOWN = 100


@dataclass(frozen=True)
class Try:
    """One lead as it would have gone: to `member`, by `rule` (None: by none of them); `passed` says why not before."""

    lead: Lead
    member: object
    rule: object
    stands_in_for: object
    passed: tuple

    @property
    def is_other(self):
        """Whether somebody else has it now."""
        return self.lead.assigned_to_id != self.member.pk

    @property
    def reasons(self):
        """Each rule before the one that decided, with what stood against it."""
        nobody = _("nobody of it is free")
        return [format_lazy("{rule}: {why}", rule=rule.name, why=why or nobody) for rule, why in self.passed]


@dataclass
class Trial:
    """What would have become of the leads of `days` days. `by_rule` and `by_person` are (what, count) and
    (member, would have got, has now).
    """

    days: int
    count: int
    tries: list = field(default_factory=list)
    by_rule: list = field(default_factory=list)
    by_person: list = field(default_factory=list)

    @property
    def is_cut(self):
        return self.count > MOST


def try_rules(clinic, rules, *, days=DAYS, now=None):
    """Let the leads of the last days come in again under these rules (whole, in order, saved or not); returns a Trial.

    Of more than 2,000 leads the newest are tried. Raises CoordinatorMissing.
    """
    now = now or timezone.now()
    since = now - timedelta(days=days)
    came = Lead.objects.captured_between(since, now)
    newest = came.select_related("source", "assigned_to__user").order_by("-captured_at", "-pk")
    leads = list(newest[:MOST])[::-1]
    trial = Trial(days, len(leads) if len(leads) < MOST else came.total())
    turns = Turns(clinic, rules=rules, now=leads[0].captured_at if leads else now)
    _forget(turns, leads)
    for lead in leads:
        as_new = Lead(
            clinic=clinic,
            source_id=lead.source_id,
            location_id=lead.location_id,
            postal_code=lead.postal_code,
            treatment_interest=lead.treatment_interest,
        )
        found = turns.at(lead.captured_at).decide(as_new)
        trial.tries.append(Try(lead, found.member, found.rule, found.stands_in_for, tuple(found.passed)))
    return _counted(trial, rules, turns)


def _forget(turns, leads):
    """Before the first of the leads came, nobody had them."""
    for lead in leads:
        person = turns.people.get(lead.assigned_to_id)
        if person is not None and lead.is_open:
            person.open_leads -= 1
    for person in turns.people.values():
        person.new_today = 0


def _counted(trial, rules, turns):
    by_rule = Counter(each.rule.name if each.rule else None for each in trial.tries)
    trial.by_rule = [(rule.name, by_rule[rule.name]) for rule in rules]
    trial.by_rule.append((str(_("No rule: fewest open leads")), by_rule[None]))
    would = Counter(each.member.pk for each in trial.tries)
    has = Counter(each.lead.assigned_to_id for each in trial.tries)
    members = [person.member for person in turns.people.values()]
    trial.by_person = [(member, would[member.pk], has[member.pk]) for member in members]
    trial.tries = trial.tries[::-1]
    return trial
