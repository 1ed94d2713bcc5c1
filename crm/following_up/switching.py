"""Switching a rule on and off."""

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from crm.models import FollowUpRule


@transaction.atomic
def switch_rule(rule, *, is_on, by):
    """Let a rule work from now on, or rest; returns it. What passed while it rested it lets lie.

    Records "crm.rule.switched". Switching twice is switching once.
    """
    rule = FollowUpRule.objects.select_for_update().get(pk=rule.pk)
    if rule.is_active == is_on:
        return rule
    rule.is_active, rule.active_since = is_on, timezone.now() if is_on else None
    rule.save(update_fields=["is_active", "active_since", "updated_at"])
    record("crm.rule.switched", rule, by=by, before={"is_active": not is_on}, after={"is_active": is_on})
    return rule
