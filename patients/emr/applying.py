"""Applying what an EMR says: a batch of resources becomes, or changes, patients, visits and appointments.

Whoever reads from a server or a file calls apply_resources, a batch of some hundreds at a time, each in a transaction
of its own. Saying the same twice changes nothing; versions may come in any order.
"""

from django.db import transaction

from patients.emr.batch import Batch
from patients.emr.facts import is_older
from patients.emr.mapping import ORDER, PEOPLE_AND_PLACES, read_resource
from patients.emr.taking_appointments import take_appointments
from patients.emr.taking_patients import take_patients
from patients.emr.taking_places import take_locations, take_providers
from patients.emr.taking_related import take_related
from patients.emr.taking_visits import take_visits
from patients.models import EmrRun
from patients.segments import follow_many

BATCH = 500
TAKERS = {
    "Location": take_locations,
    "Practitioner": take_providers,
    "Patient": take_patients,
    "RelatedPerson": take_related,
    "Appointment": take_appointments,
    "Encounter": take_visits,
}


@transaction.atomic
def apply_resources(source, run, resources, *, by, **options):
    """Apply FHIR resources (parsed JSON) of a Source; returns what became of them: outcome -> how many.

    Outcomes are those of EmrRun.COUNTS; they are added to `run`, which is saved. What is not simply taken is kept as an
    EmrIssue with its reason. Within the batch order does not matter. `options` are those of Batch: `is_trial` decides
    and writes nothing but reasons, with `remembered` from batch to batch; `again` tries what waits; `decisions`.
    """
    batch = Batch(source, run, by, **options)
    if not batch.is_trial:
        batch.hold()
    facts = _read(batch, resources)
    batch.load(facts)
    for resource_type in ORDER:
        if of_type := [each for each in facts if each.resource_type == resource_type]:
            TAKERS[resource_type](batch, of_type)
    _finish(batch)
    return batch.outcomes


def _read(batch, resources):
    """The facts of a batch, each resource once in its newest version; other types and what is none are counted."""
    zone, newest = batch.source.clinic.zone, {}
    for resource in resources:
        facts = read_resource(resource, zone=zone, now=batch.now)
        if facts is None:
            batch.outcomes["left_out"] += 1
            batch.run.count(str(resource["resourceType"])[:40], "left_out")
        elif not facts.resource_type:
            batch.outcomes["refused"] += 1
            batch.run.count("?", "refused")
        elif facts.key in newest:
            earlier = newest[facts.key]
            newest[facts.key] = earlier if is_older(facts, earlier) else facts
            batch.count(facts, "unchanged")
        else:
            newest[facts.key] = facts
    return list(newest.values())


def _finish(batch):
    if batch.is_trial:
        kept = {key: record for key, record in batch.records.items() if key[0] in PEOPLE_AND_PLACES}
        batch.remembered.update(kept)
        batch.created, batch.touched, batch.changes, batch.settled = [], {}, [], []
    batch.write()
    if not batch.is_trial and batch.visited:
        follow_many(batch.visited, now=batch.now)
    batch.run.save(update_fields=[*(f"{name}_count" for name in EmrRun.COUNTS), "by_type", "updated_at"])
