"""Booking and moving appointments. Whatever path a booking takes, one provider and one room have one at a time.

The rows of provider and room are locked first, so that two bookings of one time wait for each other instead of
colliding; the database refuses an overlap all the same (migration 0002).
"""

from copy import copy
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.live import publish
from clinics.models import Location
from patients.freed_times import release_time
from patients.models import Appointment, Patient, Provider, Room
from patients.registration import keyed_id, lock_key
from patients.rooms import seat
from patients.rules import (
    AppointmentIsClosed,
    EndsBeforeItBegins,
    NobodyBooked,
    NotAtWork,
    NotTheirWork,
    PatientIsGone,
    ProviderHasLeft,
    RoomElsewhere,
    SomebodyWasFaster,
    TimeIsPast,
    TimeTaken,
)
from patients.working_time import WorkingTime, zone_of

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=10)
USUAL = timedelta(minutes=30)
GRACE = timedelta(hours=12)  # so long ago may be booked without being asked: somebody walked in this morning
OVERLAPS = {
    "appointment_one_at_a_time_of_a_provider": "provider",
    "appointment_one_at_a_time_in_a_room": "room",
}


@transaction.atomic
def book_appointment(values, *, by, key=None, anyway=False):
    """Book an appointment; returns it.

    `values`: `starts_at`, and `patient` or `contact_name`, `contact_phone`, `contact_email`; as far as known `type`
    (gives duration, price), `duration_minutes` or `ends_at`, `provider`, `room`, `location`, `notes`. `anyway` books
    outside of working hours and in the past, never over another appointment. A type that needs a room gets a free one,
    if none is given. The same `key` twice books once. Records "patients.appointment.booked". Raises TimeTaken,
    NotAtWork (NoRoomFree, NotTheirWork), TimeIsPast, NobodyBooked, PatientIsGone, ProviderHasLeft, RoomElsewhere,
    EndsBeforeItBegins.
    """
    appointment = build_appointment(values, by=by)
    if key:
        appointment.pk = keyed_id(key)
        lock_key(appointment.pk)
        known = Appointment.objects.filter(pk=appointment.pk).first()
        if known is not None:
            return known
    if not anyway:
        _check_does_it(appointment)
    hold_time(appointment, anyway=anyway, any_room=appointment.room is None)
    save_in_time(appointment, force_insert=True)

    record("patients.appointment.booked", appointment, by=by, after=told(appointment))
    tell(appointment)
    return appointment


def build_appointment(values, *, by):
    """Return an unsaved appointment with everything filled in that follows from what is known."""
    values = {name: value for name, value in values.items() if value not in (None, "")}
    minutes = values.pop("duration_minutes", None)
    appointment = Appointment(created_by=by, updated_by=by, **values)
    if appointment.patient is None and not (appointment.contact_name or appointment.contact_phone):
        raise NobodyBooked
    kind, provider, room = appointment.type, appointment.provider, appointment.room
    if appointment.ends_at is None:
        length = timedelta(minutes=minutes) if minutes else timedelta(minutes=kind.duration_minutes) if kind else USUAL
        appointment.ends_at = appointment.starts_at + length
    if kind is not None and appointment.estimated_revenue_cents is None:
        appointment.estimated_revenue_cents = kind.price_cents
    if appointment.location is None:
        places = [room and room.location, provider and provider.location, by and by.location]
        appointment.location = next((place for place in places if place), None) or _only_location()
    return appointment


def _only_location():
    places = list(Location.objects.filter(is_active=True)[:2])
    return places[0] if len(places) == 1 else None


@transaction.atomic
def move_appointment(appointment, values, *, version, by, anyway=False):
    """Give an appointment another time, length, provider or room (`values`); returns it as it stands.

    Where no room is given and its type needs one, it keeps its own if that is free then, else it gets another.
    Records "patients.appointment.moved"; its `event`, None if nothing moved, is what undo_change takes back. Raises
    SomebodyWasFaster if it is not the `version` that was seen, AppointmentIsClosed, and what booking raises.
    """
    appointment = lock_appointment(appointment)
    if appointment.version != version:
        raise SomebodyWasFaster(appointment)
    if not appointment.is_open:
        raise AppointmentIsClosed
    before, former = told(appointment), copy(appointment)
    for name, value in values.items():
        setattr(appointment, name, value)
    appointment.event = None
    if told(appointment) == before:
        return appointment
    if appointment.provider_id != former.provider_id and not anyway:
        _check_does_it(appointment)
    hold_time(appointment, anyway=anyway, any_room=not values.get("room"))
    touch(appointment, by=by)
    save_in_time(appointment)

    after = told(appointment)
    appointment.event = record("patients.appointment.moved", appointment, by=by, before=before, after=after)
    if not _overlap(former, appointment):
        release_time(former, by=by)
    tell(appointment)
    return appointment


def _overlap(one, other):
    """Whether two states of an appointment take some of the same provider's time."""
    is_same = one.provider_id == other.provider_id
    return is_same and one.starts_at < other.ends_at and other.starts_at < one.ends_at


def lock_appointment(appointment):
    rows = Appointment.objects.for_list().select_for_update(of=("self",))
    return rows.get(pk=appointment.pk)


def touch(appointment, *, by):
    appointment.version += 1
    appointment.updated_by = by


def hold_time(appointment, *, anyway=False, any_room=False):
    """Lock the provider and the room, and make sure that the appointment may stand where it is.

    `any_room` chooses a room of the kind that the type needs.
    """
    if not SHORTEST <= appointment.ends_at - appointment.starts_at <= LONGEST:
        raise EndsBeforeItBegins
    if appointment.patient_id and not Patient.objects.present().filter(pk=appointment.patient_id).exists():
        raise PatientIsGone
    _lock(Provider, appointment.provider_id)
    if any_room:
        seat(appointment, anyway=anyway)
    room = _lock(Room, appointment.room_id)
    if room is not None and room.location_id and appointment.location_id not in (None, room.location_id):
        raise RoomElsewhere
    _check_free(appointment)
    if anyway:
        return
    if appointment.starts_at < timezone.now() - GRACE:
        raise TimeIsPast
    _check_at_work(appointment)


def _lock(model, row_id):
    """Always the provider before the rooms, so that two bookings never wait for each other in a ring."""
    if row_id is None:
        return None
    row = model.objects.select_for_update(no_key=True).filter(pk=row_id).first()
    if row is None or not row.is_active:
        raise ProviderHasLeft
    return row


def _check_does_it(appointment):
    kind, provider = appointment.type, appointment.provider
    if kind is not None and provider is not None and not provider.does(kind):
        raise NotTheirWork(provider, kind)


def _check_free(appointment):
    others = Appointment.objects.occupying().filter(may_overlap=False).exclude(pk=appointment.pk)
    others = others.between(appointment.starts_at, appointment.ends_at)
    for field in ("provider", "room"):
        place = getattr(appointment, field)
        if place is not None and not appointment.may_overlap and others.filter(**{field: place}).exists():
            raise TimeTaken(field, place)


def _check_at_work(appointment):
    location, clinic = appointment.location, appointment.clinic
    day = timezone.localtime(appointment.starts_at, zone_of(location, clinic)).date()
    working, whose = WorkingTime(clinic, [appointment.provider], day, day), (appointment.provider, location)
    if working.is_open(appointment.starts_at, appointment.ends_at, *whose, appointment.room):
        return
    blocks = [
        block
        for block in working.blocks_of(day, *whose, appointment.room)
        if block.starts_at < appointment.ends_at and appointment.starts_at < block.ends_at
    ]
    if blocks:
        raise NotAtWork(_("This time is blocked: %(reason)s.") % {"reason": blocks[0]})
    who = appointment.provider.name if appointment.provider else location.name if location else clinic.name
    raise NotAtWork(_("%(who)s does not work at that time.") % {"who": who})


def save_in_time(appointment, **how):
    """Write the appointment; an overlap that came about all the same is told like any other."""
    try:
        with transaction.atomic():
            appointment.save(**how)
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if constraint not in OVERLAPS:
            raise
        field = OVERLAPS[constraint]
        raise TimeTaken(field, getattr(appointment, field)) from error


def told(appointment):
    """What an event says of an appointment."""
    return {
        "patient": appointment.patient_id and str(appointment.patient_id),
        "starts_at": appointment.starts_at,
        "ends_at": appointment.ends_at,
        "provider": appointment.provider_id and str(appointment.provider_id),
        "room": appointment.room_id and str(appointment.room_id),
        "type": appointment.type_id and str(appointment.type_id),
        "location": appointment.location_id and str(appointment.location_id),
        "status": appointment.status,
    }


def tell(appointment):
    """Let open pages know: the calendar, and the page of the patient."""
    topics = ["schedule", f"appointment-{appointment.pk}"]
    publish(*topics, *([f"patient-{appointment.patient_id}"] if appointment.patient_id else []))
