"""Appointments that visitors make for themselves on a booking page: asked for, moved and given up by a secret address.

What a visitor asks for holds its time at once, so that nobody else gets it, and waits for somebody's word. They may
change it until the notice that the clinic wants; after that they have to call.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from clinics.audit import SYSTEM, record
from clinics.public_tokens import new_token
from patients.attendance import cancel_appointment
from patients.free_slots import slots_of_days
from patients.models import Appointment, AppointmentStatus, AppointmentType, CancellationReason, Provider
from patients.registration import keyed_id
from patients.rules import AppointmentIsClosed, NoRoomFree, NotOfferedOnline, TimeTaken, TooLateOnline
from patients.scheduling import book_appointment, move_appointment, tell, touch


def types_for_visitors(providers):
    """What visitors may come for: what at least one of these providers does."""
    kinds = AppointmentType.objects.booked_online().in_order()
    return [kind for kind in kinds if any(provider.does(kind) for provider in providers)]


def providers_for_visitors(location=None):
    """With whom visitors may book, at a location or anywhere, and what each of them does."""
    rows = Provider.objects.booked_online().in_order().select_related("location").prefetch_related("type_links")
    return [each for each in rows if location is None or each.location_id in (None, location.pk)]


def offered_slots(clinic, providers, days, *, minutes, notice, kind, location=None):
    """The times that visitors may choose on some days, {day: [Slot]}; none nearer than `notice` (timedelta)."""
    after = timezone.now() + notice
    return slots_of_days(clinic, providers, days, minutes=minutes, after=after, location=location, kind=kind)


@transaction.atomic
def request_appointment(clinic, values, *, providers, notice, key):
    """Hold a time that a visitor has chosen; returns the Appointment, which waits for somebody's word.

    `values`: `starts_at`, `type`, `location`, `contact_name`, `contact_phone`, `contact_email`, `mail_language`. With
    the first of `providers` who is free then. The same `key` twice books once. Records "patients.appointment.booked"
    and "patients.appointment.requested". Raises TimeTaken if nobody is free any more, NotOfferedOnline.
    """
    known = Appointment.objects.for_list().filter(pk=keyed_id(key)).first()
    if known is not None:
        return known
    facts = {
        "requested_at": timezone.now(),
        "visitor_token": new_token(clinic.pk),
        "wants_mail": bool(values.get("contact_email")),
    }
    for provider in _free_then(clinic, values, providers, notice):
        try:
            with transaction.atomic():
                appointment = book_appointment(values | facts | {"provider": provider}, by=SYSTEM, key=key)
        except (TimeTaken, NoRoomFree):
            continue
        record("patients.appointment.requested", appointment, by=SYSTEM, after={"starts_at": appointment.starts_at})
        return appointment
    raise TimeTaken("provider", providers[0] if len(providers) == 1 else clinic)


def _free_then(clinic, values, providers, notice):
    """Who is offered at the moment that was chosen; a moment that is too near is refused."""
    starts_at = values["starts_at"]
    if starts_at < timezone.now() + notice:
        raise NotOfferedOnline
    local = timezone.localtime(starts_at).date()
    days = [local + timedelta(days=offset) for offset in (-1, 0, 1)]  # a location may live on another day
    kind, location = values["type"], values.get("location")
    offered = slots_of_days(
        clinic, providers, days, minutes=kind.duration_minutes, after=starts_at, location=location, kind=kind
    )
    return [slot.provider for slots in offered.values() for slot in slots if slot.starts_at == starts_at]


@transaction.atomic
def move_by_visitor(appointment, starts_at, *, providers, notice):
    """Give a visitor's appointment another time that is offered; it waits for somebody's word again; returns it.

    Records what moving records. Raises AppointmentIsClosed, TooLateOnline, TimeTaken, NotOfferedOnline.
    """
    _check_may_change(appointment, notice)
    values = {"type": appointment.type, "starts_at": starts_at, "location": appointment.location}
    length = appointment.ends_at - appointment.starts_at
    for provider in _free_then(appointment.clinic, values, providers, notice):
        again = {"provider": provider, "starts_at": starts_at, "ends_at": starts_at + length, "room": None}
        again |= {"status": AppointmentStatus.SCHEDULED, "confirmed_at": None, "requested_at": timezone.now()}
        try:
            with transaction.atomic():
                return move_appointment(appointment, again, version=appointment.version, by=SYSTEM)
        except (TimeTaken, NoRoomFree):
            continue
    raise TimeTaken("provider", providers[0] if len(providers) == 1 else appointment.clinic)


@transaction.atomic
def cancel_by_visitor(appointment, *, notice):
    """A visitor gives their appointment up. Records what cancelling records.

    Raises AppointmentIsClosed, TooLateOnline.
    """
    _check_may_change(appointment, notice)
    return cancel_appointment(appointment, reason=CancellationReason.PATIENT, by=SYSTEM)


def may_be_changed(appointment, notice):
    """Whether a visitor may still move or give up their appointment."""
    return appointment.is_open and appointment.starts_at >= timezone.now() + notice


def _check_may_change(appointment, notice):
    if not appointment.is_open:
        raise AppointmentIsClosed
    if not may_be_changed(appointment, notice):
        raise TooLateOnline


@transaction.atomic
def give_to_patient(appointment, patient, *, by):
    """Say whose appointment it is that was booked by name and number alone; returns it.

    Records "patients.appointment.matched".
    """
    appointment.patient = patient
    touch(appointment, by=by)
    appointment.save(update_fields=["patient", "version", "updated_by", "updated_at"])
    record("patients.appointment.matched", appointment, by=by, after={"patient": patient})
    tell(appointment)
    return appointment
