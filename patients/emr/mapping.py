"""From FHIR R4 to our words, one resource at a time: pure, tolerant of whatever a server sends, and asking no database.

What it means is written down in docs/emr.md; https://hl7.org/fhir/R4/ says what the fields are.
"""

from patients.emr.facts import Facts, open_facts
from patients.emr.mapping_people import read_location, read_patient, read_practitioner, read_related_person
from patients.emr.mapping_schedule import read_appointment, read_encounter
from patients.emr.reasons import because

# In the order in which they are applied: what others point at comes first.
READERS = {
    "Location": read_location,
    "Practitioner": read_practitioner,
    "Patient": read_patient,
    "RelatedPerson": read_related_person,
    "Appointment": read_appointment,
    "Encounter": read_encounter,
}
ORDER = tuple(READERS)
PEOPLE_AND_PLACES = frozenset(ORDER[:4])


def read_resource(resource, *, zone, now):
    """The Facts of one resource. Whatever stands in it, this does not fail; a type that we do not take answers None."""
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        return Facts({}, "", "", refusal=because("not_a_resource"))
    reader = READERS.get(resource["resourceType"])
    if reader is None:
        return None
    facts = open_facts(resource)
    if facts.refusal is None:
        reader(facts, zone=zone, now=now)
    return facts
