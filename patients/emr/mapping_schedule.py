"""Encounters and appointments: what has happened and what is booked."""

from datetime import timedelta

from patients.emr.datatypes import (
    concept_text,
    dict_of,
    list_of,
    moment_of,
    text_of,
)
from patients.emr.reasons import because
from patients.models import AppointmentStatus

# Encounter.status: what has begun is a visit; R4 and, where servers run ahead, R5.
HAPPENED = {"finished", "completed", "discharged", "in-progress", "arrived", "triaged", "onleave", "on-hold"}
BOOKED = {
    "booked": AppointmentStatus.SCHEDULED,
    "arrived": AppointmentStatus.SCHEDULED,
    "checked-in": AppointmentStatus.SCHEDULED,
    "fulfilled": AppointmentStatus.COMPLETED,
    "cancelled": AppointmentStatus.CANCELLED,
    "noshow": AppointmentStatus.NO_SHOW,
}
HERE = {"arrived", "checked-in"}
USUAL = timedelta(minutes=30)
LONGEST = timedelta(days=1)


def read_encounter(facts, *, zone, now):
    resource = facts.resource
    status = text_of(resource.get("status"))
    begins = moment_of(dict_of(resource.get("period")).get("start"), zone=zone)
    facts.point("patient", [resource.get("subject")], "Patient")
    facts.point("provider", [each.get("individual") for each in list_of(resource.get("participant"))], "Practitioner")
    facts.point("location", [each.get("location") for each in list_of(resource.get("location"))], "Location")
    facts.point("appointment", list_of(resource.get("appointment")), "Appointment")
    kind = concept_text(resource.get("type")) or concept_text(resource.get("serviceType"))
    kind = kind or text_of(dict_of(resource.get("class")).get("display"))
    facts.values = {"visit_date": begins, "visit_type": kind[:120]}
    if status == "entered-in-error":
        facts.gone = because("entered_in_error")
    elif not facts.refs["patient"]:
        facts.refusal = _nobody(resource.get("subject"))
    elif status not in HAPPENED:
        facts.refusal = because("not_happened", status=status or "?")
    elif begins is None:
        facts.refusal = because("no_begin")
    elif begins > now:
        facts.refusal = because("in_the_future")


def read_appointment(facts, *, zone, now):
    resource = facts.resource
    status = text_of(resource.get("status"))
    actors = [each.get("actor") for each in list_of(resource.get("participant"))]
    facts.point("patient", actors, "Patient")
    facts.point("provider", actors, "Practitioner")
    facts.point("location", actors, "Location")
    begins = moment_of(resource.get("start"), zone=zone)
    ends = moment_of(resource.get("end"), zone=zone)
    minutes = resource.get("minutesDuration")
    if begins and ends is None:
        ends = begins + (timedelta(minutes=minutes) if isinstance(minutes, int) and 0 < minutes <= 1440 else USUAL)
    kind = concept_text(resource.get("serviceType")) or concept_text(resource.get("appointmentType"))
    said = [text_of(resource.get("description")), text_of(resource.get("comment"))]
    facts.values = {
        "starts_at": begins,
        "ends_at": ends,
        "status": BOOKED.get(status, ""),
        "is_here": status in HERE,
        "type": kind[:80],
        "notes": "\n".join(filter(None, said))[:2000],
        "cancellation_note": concept_text(resource.get("cancelationReason"))[:500],
    }
    if status == "entered-in-error":
        facts.gone = because("entered_in_error")
    elif not facts.refs["patient"]:
        facts.refusal = because("no_patient")
    elif status not in BOOKED:
        facts.refusal = because("not_booked", status=status or "?")
    elif begins and ends - begins > LONGEST:
        facts.refusal = because("too_long")


def _nobody(subject):
    is_group = "Group/" in str(dict_of(subject).get("reference", "")) or dict_of(subject).get("type") == "Group"
    return because("not_a_person" if is_group else "no_patient")
