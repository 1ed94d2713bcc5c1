"""When providers are taken, and when no room is free in which a type of appointment can take place."""

from collections import defaultdict
from datetime import timedelta

from django.db.models import Q

from patients.models import Appointment, Room, ScheduleBlock


class Occupied:
    """The occupied times of providers, and of the rooms that a type needs, over some time (one query, or three)."""

    def __init__(self, providers, start, end, kind=None):
        self.needs_room = kind is not None and kind.room_kind_id is not None
        self.rooms = list(Room.objects.fit_for(kind)) if self.needs_room else []
        self.of_provider, self.of_room = defaultdict(list), defaultdict(list)
        whose = Q(provider__in=providers) | Q(room__in=self.rooms) if self.rooms else Q(provider__in=providers)
        rows = Appointment.objects.occupying().between(start, end).filter(whose).in_order()
        for provider_id, room_id, starts_at, ends_at in rows.values_list("provider", "room", "starts_at", "ends_at"):
            self.of_provider[provider_id].append((starts_at, ends_at))
            self.of_room[room_id].append((starts_at, ends_at))
        if self.rooms:
            blocks = ScheduleBlock.objects.of_rooms().filter(room__in=self.rooms).between(start, end).in_order()
            for room_id, starts_at, ends_at in blocks.values_list("room", "starts_at", "ends_at"):
                self.of_room[room_id].append((starts_at, ends_at))

    def until(self, start, end, provider, location):
        """From when on it is worth asking again, because something stands against [start, end); None if it is free."""
        clash = _end_of_clash(self.of_provider.get(provider.pk, ()), start, end)
        if clash is not None or not self.needs_room:
            return clash
        ends = []
        for room in self.rooms:
            if location is not None and room.location_id not in (None, location.pk):
                continue
            clash = _end_of_clash(self.of_room.get(room.pk, ()), start, end)
            if clash is None:
                return None
            ends.append(clash)
        return min(ends, default=end + timedelta(days=1))


def _end_of_clash(taken, start, end):
    return next((until for since, until in taken if since < end and start < until), None)
