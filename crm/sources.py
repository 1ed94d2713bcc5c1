"""Where leads come from: setting up the sources, and what each costs a month."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.audit import record
from clinics.errors import RuleBroken
from crm.models import LeadSource

COST_SET = "crm.source.cost_set"


class CostChangedSince(RuleBroken):
    message = _("This cost has been changed since. It stays as it is.")


@transaction.atomic
def create_source(values, *, by):
    """Add a source of leads, by the fields of LeadSource; returns it. Records "crm.source.created"."""
    source = LeadSource.objects.create(**values)
    record("crm.source.created", source, by=by, after=values)
    return source


@transaction.atomic
def change_source(source, values, *, by):
    """Change fields of a source; returns it. What its leads cost is computed anew from then on, for the past too.

    Records "crm.source.changed" with what changed.
    """
    source = LeadSource.objects.select_for_update().get(pk=source.pk)
    changed = {name: value for name, value in values.items() if getattr(source, name) != value}
    if not changed:
        return source
    before = {name: getattr(source, name) for name in changed}
    for name, value in changed.items():
        setattr(source, name, value)
    source.save(update_fields=[*changed, "updated_at"])
    record("crm.source.changed", source, by=by, before=before, after=changed)
    return source


@transaction.atomic
def set_usual_cost(source, cents, *, by):
    """Say what a source costs in a month for which nothing is entered (None: nobody knows); returns the AuditLog.

    None if nothing is different. Records "crm.source.cost_set".
    """
    source = LeadSource.objects.select_for_update().get(pk=source.pk)
    before = source.monthly_cost_cents
    if before == cents:
        return None
    source.monthly_cost_cents = cents
    source.save(update_fields=["monthly_cost_cents", "updated_at"])
    facts = ({"monthly_cost_cents": before}, {"monthly_cost_cents": cents})
    return record(COST_SET, source, by=by, before=facts[0], after=facts[1])


@transaction.atomic
def undo_usual_cost(event, *, by):
    """Put back what a source cost before. Raises CostChangedSince."""
    source = LeadSource.objects.select_for_update().filter(pk=event.resource_id).first()
    if source is None or source.monthly_cost_cents != event.after["monthly_cost_cents"]:
        raise CostChangedSince
    set_usual_cost(source, event.before["monthly_cost_cents"], by=by)
