"""The nightly look for patients who are here twice; how it goes stands in clinics/same_person/sweeping.py.

Relatives who share a number or an e-mail bear other first names: they are near, and no duplicates.
"""

from clinics.same_person.sweeping import Sweep
from patients.duplicates.people import mark_of, person_of
from patients.models import Patient, PatientPair, PatientSweep

# Those who share a key, a number or an e-mail with the patients of a batch; every question is an equality.
NEAR = """
    SELECT DISTINCT mine.patient_id, theirs.patient_id FROM patients_patientmatchkey mine CROSS JOIN LATERAL (
        SELECT other.patient_id FROM patients_patientmatchkey other
        WHERE other.clinic_id = mine.clinic_id AND other.key = mine.key ORDER BY other.patient_id DESC LIMIT 40
    ) theirs
    WHERE mine.clinic_id = %(clinic)s AND mine.patient_id = ANY(%(ids)s) AND theirs.patient_id <> mine.patient_id
    UNION
    SELECT mine.id, other.id FROM patients_patient mine JOIN patients_patient other
        ON other.clinic_id = mine.clinic_id AND other.phone_e164 = mine.phone_e164
    WHERE mine.clinic_id = %(clinic)s AND mine.id = ANY(%(ids)s) AND mine.phone_e164 <> '' AND other.id <> mine.id
    UNION
    SELECT mine.id, other.id FROM patients_patient mine JOIN patients_patient other
        ON other.clinic_id = mine.clinic_id AND other.email_norm = mine.email_norm
    WHERE mine.clinic_id = %(clinic)s AND mine.id = ANY(%(ids)s) AND mine.email_norm <> '' AND other.id <> mine.id
"""

PATIENTS = Sweep(
    people=lambda: Patient.objects.present(),
    pairs=PatientPair,
    stand=PatientSweep,
    near=NEAR,
    person_of=person_of,
    mark_of=mark_of,
    topic="patient-duplicates",
)
sweep_duplicates = PATIENTS.run
run_sweep = PATIENTS.run_job  # the job "patients.duplicate_sweep"
