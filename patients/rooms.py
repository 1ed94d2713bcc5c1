"""Which room or chair an appointment takes: the one that was chosen, or a free one of the kind that its type needs."""

from patients.models import Appointment, Room, ScheduleBlock
from patients.rules import NoRoomFree


def seat(appointment, *, anyway=False):
    """Give an appointment a free room of the kind that its type needs; the one that it has, if that will do.

    The rooms of the kind are locked, in one order, so that two bookings never choose the same. Raises NoRoomFree;
    `anyway` leaves it without a room instead. Nothing happens where the type needs none.
    """
    if appointment.type is None or appointment.type.room_kind_id is None:
        return
    rooms = Room.objects.fit_for(appointment.type, appointment.location).select_for_update(no_key=True, of=("self",))
    rooms = list(rooms.select_related("location"))
    taken = _taken(appointment, rooms)
    free = [room for room in rooms if room.pk not in taken]
    if free:
        appointment.room = next((room for room in free if room.pk == appointment.room_id), free[0])
    elif anyway:
        appointment.room = None
    else:
        raise NoRoomFree(appointment.type.room_kind)


def _taken(appointment, rooms):
    """The ids of those rooms that another appointment holds at its time, or that are blocked then."""
    others = Appointment.objects.occupying().exclude(pk=appointment.pk).filter(may_overlap=False)
    sets = others, ScheduleBlock.objects.of_rooms()
    times = (appointment.starts_at, appointment.ends_at)
    held, blocked = (rows.between(*times).filter(room__in=rooms).values_list("room_id", flat=True) for rows in sets)
    return {*held, *blocked}
