"""Commission rules: made, changed, ended. A rule that locked months rest on keeps its first day and what it pays."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.audit import record
from clinics.errors import RuleBroken
from crm.commissions.rules import faults_of
from crm.models import Commission, CommissionRule, ProcedureCode


class RuleIsFaulty(RuleBroken):
    message = _("This rule is not complete.")


class RuleIsUsed(RuleBroken):
    message = _("Locked months rest on this rule. End it, and make a new one from then on.")


@transaction.atomic
def save_rule(rule, values, *, by):
    """Make a commission rule (None) or change one, by its fields; returns it.

    Records "crm.commission_rule.created" or "crm.commission_rule.changed". Raises RuleIsFaulty, RuleIsUsed.
    """
    if faults_of(values["rule"], ProcedureCode.values):
        raise RuleIsFaulty
    if rule is None:
        rule = CommissionRule.objects.create(**values)
        record("crm.commission_rule.created", rule, by=by, after=_plain(values))
        return rule
    rule = CommissionRule.objects.select_for_update().get(pk=rule.pk)
    changed = {name: value for name, value in values.items() if getattr(rule, name) != value}
    if set(changed) - {"name", "effective_until"} and Commission.objects.filter(rule=rule).exists():
        raise RuleIsUsed
    before = {name: getattr(rule, name) for name in changed}
    for name, value in changed.items():
        setattr(rule, name, value)
    rule.save()
    record("crm.commission_rule.changed", rule, by=by, before=_plain(before), after=_plain(changed))
    return rule


def _plain(values):
    return {name: value if name == "rule" else str(getattr(value, "pk", value)) for name, value in values.items()}
