"""Patients as they are compared."""

from clinics.same_person.comparing import Person


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
