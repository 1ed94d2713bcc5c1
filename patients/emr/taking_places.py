"""Practitioners and locations of an EMR: found by their name among ours, or made new where the clinic has room."""

from clinics.audit import record_many
from clinics.models import Location
from clinics.normalising import name_key
from patients.emr.places import Places
from patients.emr.reasons import because
from patients.models import Provider


def take_providers(batch, facts):
    """Settle Practitioners: one of the same name is the same; new ones are made. What stands here is not changed."""
    known, new = Places(batch).providers, []
    for each in batch.sift(facts):
        record = batch.records.get(each.key)
        provider = known.get(name_key(each.values["name"]))
        if record is not None and record.provider_id is not None:
            batch.take(each, "unchanged")
        elif provider is not None:
            batch.take(each, provider=provider)
        else:
            provider = Provider(clinic_id=batch.source.clinic.pk, **each.values)
            known[name_key(provider.name)] = provider
            new.append(provider)
            batch.take(each, provider=provider, is_made_here=True)
    if not batch.is_trial:
        Provider.objects.bulk_create(new)
        _tell(batch, "patients.provider.made_of_emr", new)


def take_locations(batch, facts):
    """Settle Locations: one of the same name is the same; new ones are made as far as the plan of the clinic allows."""
    clinic, known, new = batch.source.clinic, Places(batch).locations, []
    room = clinic.locations_limit - sum(1 for location in known.values() if location.is_active)
    for each in batch.sift(facts):
        record, decision = batch.records.get(each.key), batch.decision(each)
        location = known.get(name_key(each.values["name"]))
        if decision is not None and decision.location is not None:
            location = decision.location
        if record is not None and record.location_id is not None and decision is None:
            batch.take(each, "unchanged")
        elif location is not None:
            batch.take(each, location=location)
        elif len(new) < room:
            location = Location(clinic_id=clinic.pk, **each.values)
            known[name_key(location.name)] = location
            new.append(location)
            batch.take(each, location=location, is_made_here=True)
        else:
            batch.wait(each, because("no_room_in_plan"))
    if not batch.is_trial:
        Location.objects.bulk_create(new)
        _tell(batch, "clinics.location.made_of_emr", new)


def _tell(batch, action, rows):
    happened = [(row, None, {"name": row.name}) for row in rows]
    record_many(action, happened, by=batch.by, metadata={"emr_run": batch.run})
