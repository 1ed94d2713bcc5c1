"""The days and times that a visitor of a booking page is shown: the next few open days, and the free times of one."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from patients.visitors import offered_slots

SHOWN = 5  # days beside each other
LOOKED_THROUGH = 21  # days that one look takes in


@dataclass(frozen=True)
class Day:
    """One day of a booking page with its free times, each once at each place, whoever is free then."""

    on: date
    slots: list

    @property
    def places(self):
        """Where there are free times, in order of their names: [Location or None]."""
        found = {slot.location and slot.location.pk: slot.location for slot in self.slots}
        return sorted(found.values(), key=str)

    @property
    def groups(self):
        """The times of each place, before noon and after it: [(place, "morning" or "afternoon", [Slot])]."""
        found = []
        for place in self.places:
            here = [slot for slot in self.slots if slot.location == place]
            morning = [slot for slot in here if slot.local.hour < 12]
            parts = (("morning", morning), ("afternoon", here[len(morning) :]))
            found += [(place, part, slots) for part, slots in parts if slots]
        return found

    @property
    def zones(self):
        """By which clock the times of each place are told: [(place, "New York")]."""
        by_place = {slot.location and slot.location.pk: _in_words(slot.zone) for slot in self.slots}
        return [(place, by_place[place and place.pk]) for place in self.places]


@dataclass(frozen=True)
class Days:
    """What is shown: some days, the chosen one of them, and where one leafs on to."""

    shown: list
    chosen: Day
    earlier: date
    later: date

    @property
    def zone(self):
        """The name of the zone that all the times are told in: "New York"; "" if there are several."""
        names = {name for _place, name in self.chosen.zones}
        return names.pop() if len(names) == 1 else ""


def _in_words(zone):
    return str(zone).rpartition("/")[2].replace("_", " ")


def days_to_choose(form, choice, *, notice, kind=None):
    """The Days of a booking page for a choice: from the day that it begins at, or from the first with a free time."""
    today = timezone.localdate()
    last = today + timedelta(days=form.days_ahead)
    begins = min(max(choice.begins or choice.day or today, today), last)
    found, start = [], begins
    while start <= last and not any(day.slots for day in found):
        end = min(start + timedelta(days=LOOKED_THROUGH - 1), last)
        found = _read(form, choice, start, end, notice, kind or choice.type)
        start = end + timedelta(days=1)
    if not choice.begins:
        first = next((number for number, day in enumerate(found) if day.slots), 0)
        found = found[first:]
    shown = [day for day in found if day.slots or day.on.weekday() < SHOWN][:SHOWN]
    chosen = next((day for day in shown if day.on == choice.day), None)
    chosen = chosen or next((day for day in shown if day.slots), None)
    return Days(shown, chosen, *_around(shown, today, last))


def _around(shown, today, last):
    """The days to leaf to; None where nothing more can be booked."""
    if not shown:
        return None, None
    earlier = max(today, shown[0].on - timedelta(days=7)) if shown[0].on > today else None
    later = shown[-1].on + timedelta(days=1)
    return earlier, later if later <= last else None


def _read(form, choice, start, end, notice, kind):
    span = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    how = {"minutes": kind.duration_minutes, "notice": notice, "kind": kind}
    slots = offered_slots(form.clinic, choice.providers, span, location=form.location or choice.place, **how)
    return [Day(day, _once(slots[day])) for day in span]


def _once(slots):
    """Each time once at each place, with the first of those who are free then."""
    return list({(slot.starts_at, slot.location): slot for slot in reversed(slots)}.values())[::-1]
