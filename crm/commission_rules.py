"""Commission rules: made, changed, removed, and each of that taken back.

A rule that locked months rest on keeps its first day and what it pays; it can be ended, and another one follow it.
"""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.audit import record
from clinics.errors import RuleBroken
from clinics.models import AuditLog
from crm.commissions.rules import faults_of
from crm.models import CommissionRule, ProcedureCode
from patients.registration import keyed_id, lock_key

CREATED, CHANGED = "crm.commission_rule.created", "crm.commission_rule.changed"
REMOVED = "crm.commission_rule.removed"


class RuleIsFaulty(RuleBroken):
    message = _("This rule is not complete.")


class RuleIsUsed(RuleBroken):
    message = _("Locked months rest on this rule. End it, and make a new one from then on.")


class RuleChangedSince(RuleBroken):
    message = _("Somebody has changed this rule since. Look at it again, then change it.")


@transaction.atomic
def make_rule(values, *, by, key=None, follows=None):
    """Make a commission rule by its fields; returns (CommissionRule, AuditLog). The same `key` twice makes one.

    The rule that it `follows` ends on the day before. The AuditLog is what undo_rule takes back, None if the rule was
    there already. Records "crm.commission_rule.created". Raises RuleIsFaulty.
    """
    _check(values)
    rule = CommissionRule(**values)
    if key:
        rule.pk = keyed_id(key)
        lock_key(rule.pk)
        if (known := CommissionRule.objects.filter(pk=rule.pk).first()) is not None:
            return known, None
    rule.save(force_insert=True)
    ended = follows and _end_before(follows, rule.effective_from, by=by)
    return rule, record(
        CREATED, rule, by=by, after=facts_of(rule), metadata={"ended": str(ended.pk)} if ended else None
    )


def _end_before(rule, day, *, by):
    """Let a rule end on the day before another begins; returns the AuditLog, None where it ends or begins elsewhere."""
    last = day - timedelta(days=1)
    if rule.effective_from > last or (rule.effective_until and rule.effective_until <= last):
        return None
    return change_rule(rule, {"effective_until": last}, seen=None, by=by)[1]


@transaction.atomic
def change_rule(rule, values, *, seen, by):
    """Change a rule by its fields; returns (CommissionRule, AuditLog, or None if nothing is different).

    `seen` is the moment of the last change that whoever changes it knew of. Records "crm.commission_rule.changed".
    Raises RuleIsFaulty, RuleIsUsed, RuleChangedSince.
    """
    _check(values)
    rule = _lock(rule)
    before = facts_of(rule)
    for name, value in values.items():
        setattr(rule, name, value)
    after = facts_of(rule)
    changed = {name for name in after if after[name] != before[name]}
    if not changed:
        return rule, None
    if seen is not None and seen != rule.updated_at:
        raise RuleChangedSince
    if changed - {"name", "effective_until"} and rule.is_settled:
        raise RuleIsUsed
    rule.save()
    event = record(CHANGED, rule, by=by, before=_only(changed, before), after=_only(changed, after))
    return rule, event


@transaction.atomic
def remove_rule(rule, *, by):
    """Take a rule away; returns the AuditLog, by which it comes back. Raises RuleIsUsed.

    Records "crm.commission_rule.removed".
    """
    rule = _lock(rule)
    if rule.is_settled:
        raise RuleIsUsed
    event = record(REMOVED, rule, by=by, before=facts_of(rule))
    rule.delete()
    return event


@transaction.atomic
def undo_rule(event, *, by):
    """Take back what was done to a rule. Raises RuleChangedSince, RuleIsUsed. Records the opposite."""
    rule = CommissionRule.objects.select_for_update().filter(pk=event.resource_id).first()
    if event.action == REMOVED:
        if rule is not None:
            raise RuleChangedSince
        rule = CommissionRule(pk=event.resource_id, **_read(event.before))
        rule.save(force_insert=True)
        record(CREATED, rule, by=by, after=facts_of(rule))
        return
    if rule is None or _only(event.after, facts_of(rule)) != event.after:
        raise RuleChangedSince
    if event.action == CREATED:
        remove_rule(rule, by=by)
        if ended := AuditLog.objects.filter(pk=event.metadata.get("ended")).first():
            undo_rule(ended, by=by)
    else:
        change_rule(rule, _read(event.before), seen=None, by=by)


def facts_of(rule):
    """What a rule says, as JSON."""
    return {
        "name": rule.name,
        "provider_id": str(rule.provider_id) if rule.provider_id else None,
        "provider_role": rule.provider_role,
        "rule": rule.rule,
        "effective_from": str(rule.effective_from),
        "effective_until": str(rule.effective_until) if rule.effective_until else None,
    }


def _read(facts):
    days = {"effective_from", "effective_until"}
    return {name: date.fromisoformat(value) if name in days and value else value for name, value in facts.items()}


def _only(names, facts):
    return {name: facts[name] for name in names}


def _check(values):
    if "rule" in values and faults_of(values["rule"], ProcedureCode.values):
        raise RuleIsFaulty


def _lock(rule):
    rule = CommissionRule.objects.select_for_update().filter(pk=rule.pk).first()
    if rule is None:
        raise RuleChangedSince
    return rule
