"""Where leads come from: setting up the sources, and what each costs a month."""

from django.db import transaction

from clinics.audit import record
from crm.models import LeadSource


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
