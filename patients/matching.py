"""Who may be here already: people with the same number or e-mail, and names that begin alike."""

from dataclasses import dataclass

from clinics.normalising import name_key
from patients.models import Patient

AT_MOST = 5
SHORTEST_NAME = 3


@dataclass(frozen=True)
class PatientMatch:
    """One patient who may be the same person, or of the same family; `by` is person, phone, email or name.

    Person means the same name and birth date, or the same name at the same number or e-mail.
    """

    patient: Patient
    by: str

    @property
    def is_same_person(self):
        return self.by == "person"


def find_patients(probe, *, born_on=None):
    """Patients like an unsaved `probe` (normalised numbers, e-mail, names), and with a birth date; at most five."""
    present, found = Patient.objects.present(), {}
    key = name_key(probe.first_name, probe.last_name)
    if born_on and key:
        for patient in present.born_on(born_on).filter(name_key=key)[:AT_MOST]:
            found[patient.pk] = PatientMatch(patient, "person")
    if probe.phone_e164 or probe.email_norm:
        for patient in present.sharing_contact_with(probe).order_by("created_at", "pk")[:AT_MOST]:
            has_number = probe.phone_e164 and probe.phone_e164 in (patient.phone_e164, patient.phone_alt_e164)
            by = "person" if key and patient.name_key == key else "phone" if has_number else "email"
            found.setdefault(patient.pk, PatientMatch(patient, by))
    if len(key) >= SHORTEST_NAME and len(found) < AT_MOST:
        for patient in present.named_like(key).exclude(pk__in=found)[: AT_MOST - len(found)]:
            found[patient.pk] = PatientMatch(patient, "name")
    return list(found.values())[:AT_MOST]
