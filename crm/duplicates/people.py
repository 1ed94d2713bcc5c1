"""Leads as they are compared: who asks, and who would be treated; and a mark of all that was compared."""

from hashlib import sha256

from clinics.same_person.comparing import Person
from crm.models import PatientRelationship

COMPARED = (
    "first_name", "last_name", "patient_first_name", "patient_last_name", "patient_relationship", "patient_dob",
    "phone_e164", "phone_alt_e164", "email_norm", "address_line1", "city", "postal_code", "insurance_member_id",
)  # fmt: skip


def person_of(lead):
    """A lead as a Person: who asks, with whom they ask for as `patient` if that is somebody else."""
    facts = {
        "given": lead.first_name,
        "family": lead.last_name,
        "phones": tuple(filter(None, (lead.phone_e164, lead.phone_alt_e164))),
        "emails": tuple(filter(None, (lead.email_norm,))),
        "street": lead.address_line1,
        "city": lead.city,
        "postal_code": lead.postal_code,
    }
    treated = {"born_on": lead.patient_dob, "member_id": lead.insurance_member_id}
    if lead.patient_relationship == PatientRelationship.SELF and not _names_somebody_else(lead):
        given, family = lead.first_name or lead.patient_first_name, lead.last_name or lead.patient_last_name
        return Person(**facts | treated | {"given": given, "family": family})
    if not (lead.patient_first_name or lead.patient_last_name or lead.patient_dob):
        return Person(**facts)
    family = lead.patient_last_name or lead.last_name
    return Person(**facts, patient=Person(given=lead.patient_first_name, family=family, **treated))


def _names_somebody_else(lead):
    return bool(lead.first_name and lead.patient_first_name) and (
        lead.first_name.casefold() != lead.patient_first_name.casefold()
    )


def mark_of(lead, other):
    """A mark of what is compared of two leads: another one tells that something about either has changed since."""
    facts = [
        [str(getattr(each, name) or "") for name in COMPARED] for each in sorted((lead, other), key=lambda x: x.pk)
    ]
    return sha256(repr(facts).encode()).hexdigest()
