"""The schedule: list, book, move and cancel appointments, say what came of them, and find what is free."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Status

from clinics.api_access import needs
from clinics.api_fields import chosen, named
from clinics.api_paging import Listed, cut
from clinics.api_versions import VERSIONED, check_version, etag
from clinics.audit import record, record_read
from clinics.models import Location
from patients.api.appointment_schemas import (
    AppointmentChange,
    AppointmentIn,
    AppointmentOut,
    AppointmentsAsked,
    Cancellation,
    ProviderOut,
    Slot,
    SlotsAsked,
    TypeOut,
)
from patients.attendance import (
    cancel_appointment,
    check_in,
    complete_appointment,
    confirm_appointment,
    miss_appointment,
    rebook_appointment,
)
from patients.free_slots import find_free_slots
from patients.models import Appointment, AppointmentType, Patient, Provider, Room
from patients.scheduling import book_appointment, lock_appointment, move_appointment

router = Router(tags=["Appointments"])
ROWS = {
    "patient": lambda: Patient.objects.present(),
    "type": lambda: AppointmentType.objects.working(),
    "provider": lambda: Provider.objects.working().select_related("location"),
    "room": lambda: Room.objects.working().select_related("location"),
    "location": lambda: Location.objects.all(),
}


@router.get("/appointments", auth=needs("schedule:read"), response=Listed[AppointmentOut], summary="List appointments")
def appointment_list(request, response: HttpResponse, asked: Query[AppointmentsAsked]):
    """Appointments in order of time, of whatever status. That you read them stands on record."""
    asked_for = asked.model_dump(exclude_none=True, exclude_defaults=True, exclude={"page", "limit"})
    rows = Appointment.objects.asked_for(asked_for).for_list().in_order()
    listed = cut(request, response, rows, asked, draw=lambda page: [appointment_out(each) for each in page])
    record("patients.appointment.listed", by=request.member, metadata={"count": len(listed["items"])})
    return listed


@router.get("/appointments/free", auth=needs("schedule:read"), response=list[Slot], summary="The next free times")
def appointment_free(request, asked: Query[SlotsAsked]):
    """The next times at which somebody could come, at most eight."""
    kind = chosen(ROWS["type"](), asked.type, field="type")
    provider = chosen(ROWS["provider"](), asked.provider, field="provider")
    providers = [provider] if provider else list(ROWS["provider"]().who_do(kind).in_order())
    minutes = asked.duration_minutes or (kind.duration_minutes if kind else 30)
    after = asked.after or timezone.now()
    slots = find_free_slots(request.clinic, providers, minutes=minutes, after=after, kind=kind)
    return [{"starts_at": each.starts_at, "ends_at": each.ends_at, "provider": named(each.provider)} for each in slots]


@router.post("/appointments", auth=needs("schedule:update"), response={201: AppointmentOut}, summary="Book")
def appointment_create(request, response: HttpResponse, sent: AppointmentIn):
    """Book an appointment. Of two that are sent at once for the same provider or room and time, one is booked."""
    values = _rows(sent.given())
    anyway = values.pop("anyway", False)
    return Status(201, shown(response, book_appointment(values, by=request.member, anyway=anyway)))


@router.get("/appointments/{uuid:appointment_id}", auth=needs("schedule:read"), response=AppointmentOut, summary="Read")
def appointment_detail(request, response: HttpResponse, appointment_id: str):
    """One appointment. That you read it stands on record."""
    appointment = find_appointment(appointment_id)
    if appointment.patient is not None:
        record_read(appointment.patient, by=request.member)
    return shown(response, appointment)


@router.patch(
    "/appointments/{uuid:appointment_id}",
    auth=needs("schedule:update"),
    response=AppointmentOut,
    summary="Move",
    openapi_extra=VERSIONED,
)
def appointment_update(request, response: HttpResponse, appointment_id: str, sent: AppointmentChange):
    """Give an appointment another time, length, provider, room or note, if it is the version of `If-Match`."""
    appointment = lock_appointment(find_appointment(appointment_id))
    check_version(request, appointment.version, current=lambda: AppointmentOut(**appointment_out(appointment)))
    values = _rows(sent.given())
    anyway, minutes = values.pop("anyway", False), values.pop("duration_minutes", None)
    starts_at = values["starts_at"] = values.get("starts_at") or appointment.starts_at
    length = timedelta(minutes=minutes) if minutes else appointment.ends_at - appointment.starts_at
    values["ends_at"] = starts_at + length
    values = {name: value for name, value in values.items() if value is not None or name in ("provider", "room")}
    move_appointment(appointment, values, version=appointment.version, by=request.member, anyway=anyway)
    return shown(response, appointment)


@router.post(
    "/appointments/{uuid:appointment_id}/cancel",
    auth=needs("schedule:update"),
    response=AppointmentOut,
    summary="Cancel",
)
def appointment_cancel(request, response: HttpResponse, appointment_id: str, sent: Cancellation):
    """It will not take place, and why. Its time is free again."""
    return shown(response, cancel_appointment(find_appointment(appointment_id), by=request.member, **sent.dict()))


@router.post(
    "/appointments/{uuid:appointment_id}/reschedule",
    auth=needs("schedule:update"),
    response={201: AppointmentOut},
    summary="Book another day",
)
def appointment_reschedule(request, response: HttpResponse, appointment_id: str, sent: AppointmentIn):
    """Book another appointment in its place; the former one stays on record as rescheduled."""
    values = _rows(sent.given())
    anyway = values.pop("anyway", False)
    former = find_appointment(appointment_id)
    return Status(201, shown(response, rebook_appointment(former, values, by=request.member, anyway=anyway)))


@router.post(
    "/appointments/{uuid:appointment_id}/confirm",
    auth=needs("schedule:update"),
    response=AppointmentOut,
    summary="Confirm",
)
def appointment_confirm(request, response: HttpResponse, appointment_id: str):
    """They have said that they will come. Twice is once."""
    return shown(response, confirm_appointment(find_appointment(appointment_id), by=request.member))


@router.post(
    "/appointments/{uuid:appointment_id}/check-in",
    auth=needs("schedule:update"),
    response=AppointmentOut,
    summary="Check in",
)
def appointment_check_in(request, response: HttpResponse, appointment_id: str):
    """They are here."""
    return shown(response, check_in(find_appointment(appointment_id), by=request.member))


@router.post(
    "/appointments/{uuid:appointment_id}/complete",
    auth=needs("schedule:update"),
    response=AppointmentOut,
    summary="It was done",
)
def appointment_complete(request, response: HttpResponse, appointment_id: str):
    """It was done: the visit of its patient is written down."""
    return shown(response, complete_appointment(find_appointment(appointment_id), by=request.member))


@router.post(
    "/appointments/{uuid:appointment_id}/miss",
    auth=needs("schedule:update"),
    response=AppointmentOut,
    summary="They did not come",
)
def appointment_miss(request, response: HttpResponse, appointment_id: str):
    """They did not come."""
    return shown(response, miss_appointment(find_appointment(appointment_id), by=request.member))


@router.get("/appointment-types", auth=needs("schedule:read"), response=list[TypeOut], summary="What people come for")
def appointment_type_list(request):
    """All types that can be booked; there are never many."""
    return list(AppointmentType.objects.working().in_order())


@router.get("/providers", auth=needs("schedule:read"), response=list[ProviderOut], summary="Who treats")
def provider_list(request):
    """All who can be booked; there are never many."""
    same = ("id", "name", "specialty", "is_booked_online")
    rows = Provider.objects.working().in_order().select_related("location")
    return [{name: getattr(each, name) for name in same} | {"location": named(each.location)} for each in rows]


def find_appointment(appointment_id):
    """The appointment with this id; a foreign one and an unknown one are alike not found."""
    return get_object_or_404(Appointment.objects.for_list(), pk=appointment_id)


def shown(response, appointment):
    """The appointment as it stands now, with its version as ETag."""
    drawn = appointment_out(find_appointment(appointment.pk))
    response["ETag"] = etag(drawn["version"])
    return drawn


def _rows(values):
    """What was sent with rows in the place of their ids. Raises Problem 422 for an id that is not here."""
    return values | {name: chosen(ROWS[name](), values[name], field=name) for name in ROWS if name in values}


def appointment_out(appointment):
    names = set(AppointmentOut.model_fields) - {"external_id", "replaces"}
    drawn = {name: getattr(appointment, name) for name in names}
    drawn |= {name: drawn[name] or None for name in ("cancellation_reason", "no_show_risk_level", "emr_system")}
    rows = ("patient", "type", "provider", "room", "location")
    return drawn | {
        "external_id": appointment.external_appointment_id,
        "replaces": appointment.replaces_id,
        **{name: named(getattr(appointment, name)) for name in rows},
    }
