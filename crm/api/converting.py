"""A lead becomes patients, by the API."""

from typing import Literal
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from clinics.api_access import needs
from clinics.api_fields import BirthDate, Sent, chosen, text
from clinics.api_problems import Problem
from crm.api.lead_schemas import LeadOut
from crm.api.leads import find_lead, shown
from crm.conversion import Person, convert_lead, people_here_already
from crm.models import PatientRelationship
from patients.models import Patient

router = Router(tags=["Leads"])
NAMES = ("first_name", "last_name")


class PersonIn(Sent):
    """Somebody new, or a patient who is here already."""

    patient: UUID | None = Field(None, description="A patient who is here already; then nothing else is needed.")
    first_name: text(80) = Field("", examples=["Mia"])
    last_name: text(80) = Field("", examples=["Ray"])
    date_of_birth: BirthDate | None = Field(None, examples=["2014-05-02"])


class ConvertIn(Sent):
    """Who becomes a patient, and who pays."""

    people: list[PersonIn] = Field(
        [], max_length=8, description="Who is treated. Nobody named: whom the lead names, with who asked as the payer."
    )
    payer: PersonIn | None = Field(None, description="Who pays, if that is somebody else.")
    if_known: Literal["refuse", "create"] = Field(
        "refuse", description="`refuse` answers 409 and shows who seems to be a patient here already."
    )


class BecamePatient(Schema):
    id: UUID
    name: str = Field(examples=["Mia Ray"])
    pays: bool
    is_new: bool


class ConvertedOut(Schema):
    lead: LeadOut
    patients: list[BecamePatient]


@router.post(
    "/leads/{uuid:lead_id}/convert", auth=needs("lead:convert"), response=ConvertedOut, summary="Convert to a patient"
)
def lead_convert(request, response: HttpResponse, lead_id: str, sent: ConvertIn):
    """Make patients of a lead, one or a family, and lock it. Whoever is a patient already is named by their id."""
    lead = find_lead(lead_id)
    people, payer = _people(lead, sent), sent.payer and _person(sent.payer, "payer")
    if not sent.people and payer is None and not _is_for_self(lead):
        payer = Person(values=_contact(lead))
    if sent.if_known == "refuse":
        _check_new(lead, [*people, *([payer] if payer else [])])
    conversion = convert_lead(lead, people, by=request.member, payer=payer)
    became = conversion.people.select_related("patient").order_by("pays", "pk")
    return {"lead": shown(request, response, lead), "patients": [patient_out(each) for each in became]}


def patient_out(became):
    patient = became.patient
    return {"id": patient.pk, "name": str(patient), "pays": became.pays, "is_new": became.was_created}


def _people(lead, sent):
    """Those who are named, or else the one whom the lead itself names."""
    if sent.people:
        return [_person(each, f"people.{place}") for place, each in enumerate(sent.people)]
    if _is_for_self(lead):
        return [Person(values=_contact(lead))]
    # A child without a last name has its parent's.
    last_name = lead.patient_last_name or (lead.last_name if lead.patient_first_name else "")
    values = {"first_name": lead.patient_first_name, "last_name": last_name, "date_of_birth": lead.patient_dob}
    return [Person(values={name: value for name, value in values.items() if value})]


def _is_for_self(lead):
    return lead.patient_relationship == PatientRelationship.SELF and not lead.patient_name


def _contact(lead):
    return {name: getattr(lead, name) for name in NAMES}


def _person(sent, field):
    if sent.patient is not None:
        return Person(known=chosen(Patient.objects.present(), sent.patient, field=f"{field}.patient"))
    if not (sent.first_name or sent.last_name):
        raise Problem(422, errors=[{"field": f"{field}.first_name", "message": _("This is needed.")}])
    return Person(values={name: value for name, value in sent.given().items() if value})


def _check_new(lead, people):
    """Raise Problem 409 with the patients whom somebody new seems to be."""
    found = {}
    for person in people:
        if person.known is None:
            born_on = person.values.get("date_of_birth")
            names = {name: person.values.get(name, "") for name in NAMES}
            here = people_here_already(lead, born_on=born_on, **names)
            found |= {patient.pk: patient for patient, is_same in here if is_same}
    if found:
        known = [{"id": patient.pk, "name": str(patient)} for patient in found.values()]
        raise Problem(409, "patient-is-known", _("This person seems to be a patient here already."), patients=known)
