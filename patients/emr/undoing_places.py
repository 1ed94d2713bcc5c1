"""Providers and locations that an undone import has made: they go too, unless they are used or were changed since."""

from clinics.models import Location
from patients.models import Patient, Provider

PLACES = ((Provider, "provider_id"), (Location, "location_id"))


def remove_places(records, touched, counts):
    """Delete the providers and locations of removed records that made them; counts {removed, kept}.

    `touched(model, ids)` are those that people have changed.
    """
    for model, link in PLACES:
        ids = {getattr(each, link) for each in records if each.is_made_here and getattr(each, link)}
        if not ids:
            continue
        kept = touched(model, ids) | _used(model, ids)
        free = model.objects.filter(pk__in=ids - kept)
        counts["removed"] += free.count()
        counts["kept"] += len(kept)
        free.delete()


def _used(model, ids):
    """The ids of those rows that any other row points at; patients who were put away do not count."""
    used = set()
    for relation in model._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or relation.many_to_many:
            continue
        rows = relation.related_model.objects.filter(**{f"{relation.field.name}__in": ids})
        if relation.related_model is Patient:
            rows = rows.filter(deleted_at=None)
        used |= set(rows.order_by().values_list(relation.field.attname, flat=True).distinct())
    return used
