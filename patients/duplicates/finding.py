"""Finding which patients may be meant by what is known of somebody: look-ups in the index of keys, then comparing."""

from django.db import connection

from clinics.models.base import current_clinic_id
from clinics.same_person.comparing import Person, name_score
from clinics.same_person.keys import match_keys

NEWEST_OF_A_KEY = 40  # "Maria Garcia" may be hundreds
# One look-up for each key, along the index that leads with clinic and key; a person types meanwhile.
NAMED = """
    SELECT DISTINCT patient.id, patient.first_name, patient.last_name
    FROM unnest(%(keys)s::bigint[]) wanted (key)
    CROSS JOIN LATERAL (
        SELECT patient_id FROM patients_patientmatchkey WHERE clinic_id = %(clinic)s AND key = wanted.key
        ORDER BY patient_id DESC LIMIT %(most)s
    ) found
    JOIN patients_patient patient
        ON patient.clinic_id = %(clinic)s AND patient.id = found.patient_id AND patient.deleted_at IS NULL
"""


def names_by_keys(keys):
    """(id, first name, last name) of patients with one of these keys, of each key the newest."""
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(NAMED, {"keys": sorted(keys), "clinic": current_clinic_id(), "most": NEWEST_OF_A_KEY})
        return cursor.fetchall()


def named_alike(person):
    """Ids of patients who bear the name of a Person or one that may be meant by it, the likeliest first."""
    wanted = Person(given=person.given, family=person.family)
    scored = [
        (name_score(wanted, Person(given=first_name, family=last_name)), pk)
        for pk, first_name, last_name in names_by_keys(match_keys(person))
    ]
    return [pk for score, pk in sorted(scored, reverse=True) if score]
