"""Patients as they are compared, and a mark of all that was compared."""

from hashlib import sha256

from clinics.same_person.comparing import Person

COMPARED = (
    "first_name", "last_name", "birth_digest", "phone_e164", "phone_alt_e164", "email_norm", "address_line1", "city",
    "postal_code",
)  # fmt: skip


def person_of(patient):
    """A patient as a Person."""
    return Person(
        given=patient.first_name,
        family=patient.last_name,
        born_on=patient.date_of_birth,
        phones=tuple(filter(None, (patient.phone_e164, patient.phone_alt_e164))),
        emails=tuple(filter(None, (patient.email_norm,))),
        street=patient.address_line1,
        city=patient.city,
        postal_code=patient.postal_code,
    )


def mark_of(patient, other):
    """A mark of what is compared of two patients: another one tells that something about either has changed since."""
    pair = sorted((patient, other), key=lambda each: each.pk)
    facts = [[str(getattr(each, name) or "") for name in COMPARED] for each in pair]
    return sha256(repr(facts).encode()).hexdigest()
