"""Patients: list, read, add and change them."""

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from clinics.api_access import needs
from clinics.api_fields import chosen, named
from clinics.api_filtering import query_of, questions_of
from clinics.api_paging import Listed, cut
from clinics.api_problems import Problem
from clinics.api_versions import VERSIONED, check_version, etag
from clinics.audit import record, record_read
from clinics.models import Location, Tag
from patients.api.schemas import PatientChange, PatientIn, PatientOut, PatientSummary
from patients.editing import edit_patient, lock_patient
from patients.filters import PatientFilter
from patients.models import Appointment, Patient, PatientConsent, Provider
from patients.patient_order import SORTS, USUAL_SORT, in_order
from patients.registration import register_patient

router = Router(tags=["Patients"])
PatientsAsked = questions_of("PatientsAsked", PatientFilter, sorts=SORTS, usual=USUAL_SORT)
ROWS = {
    "location": lambda: Location.objects.all(),
    "provider": lambda: Provider.objects.all(),
    "responsible_party": lambda: Patient.objects.present(),
}
SAME = (
    "version", "first_name", "last_name", "email", "segment", "churn_risk_score", "last_visit_at", "do_not_contact",
)  # fmt: skip
SAME_ON_PAGE = (
    "phone_alt", "date_of_birth", "preferred_channel", "preferred_language", "address_line1", "address_line2", "city",
    "state", "postal_code", "country", "notes", "external_id", "contact_priority_score", "contact_priority_factors",
    "first_visit_at", "visit_count", "usual_interval_days", "recall_due_on", "created_at", "updated_at",
)  # fmt: skip
MAY_BE_EMPTY = ("emr_system",)


@router.get("/patients", auth=needs("patient:read"), response=Listed[PatientSummary], summary="List patients")
def patient_list(request, response: HttpResponse, asked: Query[PatientsAsked]):
    """Patients who pass all filters, in the order of `sort`. The filters are those of the list of patients."""
    narrowing = PatientFilter(query_of(asked), queryset=Patient.objects.present(), request=request)
    if narrowing.complaints:
        raise Problem(422, errors=[{"field": name, "message": words} for name, words in narrowing.complaints.items()])

    def draw(ids):
        patients, coming = Patient.objects.for_list().in_bulk(ids), Appointment.objects.next_of(ids)
        return [summary(patients[pk], coming.get(pk)) for pk in ids if pk in patients]

    listed = cut(request, response, in_order(narrowing.qs, asked.sort), asked, draw=draw)
    names = sorted(asked.model_dump(exclude_none=True, exclude_defaults=True))
    record("patients.patient.listed", by=request.member, metadata={"count": len(listed["items"]), "filters": names})
    return listed


@router.post("/patients", auth=needs("patient:create"), response={201: PatientOut}, summary="Add a patient")
def patient_create(request, response: HttpResponse, sent: PatientIn):
    """Take somebody in as a patient; whoever shares a number or e-mail with patients joins their household."""
    patient = register_patient(request.clinic, _values(sent.given()), by=request.member)
    response["Location"] = f"/api/patients/{patient.pk}"
    return Status(201, shown(response, patient))


@router.get("/patients/{uuid:patient_id}", auth=needs("patient:read"), response=PatientOut, summary="Read a patient")
def patient_detail(request, response: HttpResponse, patient_id: str):
    """Everything that is known of a patient. That you read it stands on record."""
    patient = find_patient(patient_id)
    record_read(patient, by=request.member)
    return shown(response, patient)


@router.api_operation(
    ["PUT", "PATCH"],
    "/patients/{uuid:patient_id}",
    auth=needs("patient:update"),
    response=PatientOut,
    summary="Change a patient",
    openapi_extra=VERSIONED,
)
def patient_update(request, response: HttpResponse, patient_id: str, sent: PatientChange):
    """Change the fields that are sent, if the patient is still the version that `If-Match` names."""
    patient = find_patient(patient_id)
    values = _values(sent.given())
    with transaction.atomic():
        patient = lock_patient(patient)
        check_version(request, patient.version, current=lambda: PatientOut.model_validate(drawn(patient)))
        patient = edit_patient(patient, values, version=patient.version, by=request.member)
    return shown(response, patient)


def find_patient(patient_id):
    """The patient with this id; a foreign one and an unknown one are alike not found."""
    return get_object_or_404(Patient.objects.present().for_page(), pk=patient_id)


def shown(response, patient):
    """The patient as they stand now, with their version as ETag."""
    response["ETag"] = etag(patient.version)
    return drawn(patient)


def summary(patient, next_at):
    """A patient in a list."""
    return {name: getattr(patient, name) for name in SAME} | {
        "id": patient.pk,
        "phone": patient.phone_e164 or patient.phone,
        "contact_priority": patient.contact_priority or None,
        "churn_risk_level": patient.churn_risk_level or None,
        "location": named(patient.location),
        "provider": named(patient.provider),
        "next_appointment_at": next_at,
        "url": patient.get_absolute_url(),
    }


def drawn(patient):
    """A patient with everything that hangs on them."""
    consents = PatientConsent.objects.standing().filter(patient=patient).order_by("channel", "purpose")
    tags = Tag.objects.filter(patient_links__patient=patient).order_by("name")
    coming = Appointment.objects.next_of([patient.pk])
    return (
        summary(patient, coming.get(patient.pk))
        | {name: getattr(patient, name) for name in SAME_ON_PAGE}
        | {
            "household": patient.household_id,
            "responsible_party": named(patient.responsible_party),
            "emr_system": patient.emr_system or None,
            "tags": list(tags.values_list("name", flat=True)),
            "consents": list(consents.values("channel", "purpose", "is_given", "decided_at", "wording")),
        }
    )


def _values(given):
    """What was sent, as the verbs take it: rows instead of ids, and nothing as the columns keep it."""
    for name, rows in ROWS.items():
        if name in given:
            given[name] = chosen(rows(), given[name], field=name)
    for name in MAY_BE_EMPTY:
        if name in given:
            given[name] = given[name] or ""
    if "external_id" in given:
        given["external_id"] = given["external_id"] or None
    return given
