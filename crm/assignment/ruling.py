"""Setting the rules of assignment: made, changed, and put together before they are saved, to be tried out."""

from django.db import transaction

from clinics.audit import record
from crm.assignment.turns import read_rules
from crm.models import AssignmentRule, AssignmentShare

STEP = 10  # between two rules, so that a number typed by hand finds room


@transaction.atomic
def set_rule(rule, facts, weights, *, by):
    """Save a rule, new or known, with its people ({member: weight}); returns it.

    What the rule owes somebody who stays is kept. Records "crm.assignment_rule.set".
    """
    is_new = rule._state.adding
    for name, value in facts.items():
        setattr(rule, name, value)
    rule.save()
    known = {share.member_id: share for share in AssignmentShare.objects.select_for_update().filter(rule=rule)}
    gone = [share.pk for member_id, share in known.items() if member_id not in {member.pk for member in weights}]
    AssignmentShare.objects.filter(pk__in=gone).delete()
    for place, (member, weight) in enumerate(weights.items()):
        share = known.get(member.pk) or AssignmentShare(rule=rule, member=member)
        share.weight, share.place = weight, place
        share.save()
    people = {member.display_name: weight for member, weight in weights.items()}
    record("crm.assignment_rule.set", rule, by=by, after={"name": rule.name, "people": people, "new": is_new})
    return rule


@transaction.atomic
def step_rule(rule, *, sooner, by):
    """Let a rule be asked before the one above it, or after the one below; returns it. At the end nothing changes.

    Records "crm.assignment_rule.placed".
    """
    rules = list(AssignmentRule.objects.in_order().select_for_update())
    place = next(place for place, each in enumerate(rules) if each.pk == rule.pk)
    other = place + (-1 if sooner else 1)
    if not 0 <= other < len(rules):
        return rule
    rules[place], rules[other] = rules[other], rules[place]
    for number, each in enumerate(rules, start=1):
        each.order = number * STEP
    AssignmentRule.objects.bulk_update(rules, ["order"])
    record("crm.assignment_rule.placed", rule, by=by, before={"place": place + 1}, after={"place": other + 1})
    return rules[other]


def rules_with(rule, weights):
    """The rules in use, with `rule` and its people (neither of them saved) in its place; an unused one is left out."""
    rule.people = [AssignmentShare(rule=rule, member=member, weight=weight) for member, weight in weights.items()]
    others = [each for each in read_rules() if each.pk != rule.pk]
    return sorted([*others, rule] if rule.is_active else others, key=lambda each: (each.order, str(each.pk)))
