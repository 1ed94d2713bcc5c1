"""The days and times that a visitor of a booking page is shown: the next few open days, and the free times of one."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from patients.visitors import offered_slots

SHOWN = 5  # days beside each other
LOOKED_THROUGH = 21  # days that one look takes in


@dataclass(frozen=True)
class Day:
    """One day of a booking page with its free times, each once, whoever is free then."""

    on: date
    slots: list

    @property
    def halves(self):
        """The times before noon and after it: [(slots, "morning"), (slots, "afternoon")]."""
        morning = [slot for slot in self.slots if slot.local.hour < 12]
        return [(morning, "morning"), (self.slots[len(morning) :], "afternoon")]


@dataclass(frozen=True)
class Days:
    """What is shown: some days, the chosen one of them, and where one leafs on to."""

    shown: list
    chosen: Day
    earlier: date
    later: date

    @property
    def zone(self):
        """The name of the zone that the times are told in: "New York"."""
        return str(self.chosen.slots[0].zone).rpartition("/")[2].replace("_", " ")


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
    slots = offered_slots(
        form.clinic, choice.providers, span, minutes=kind.duration_minutes, notice=notice, location=form.location
    )
    return [Day(day, list({slot.starts_at: slot for slot in reversed(slots[day])}.values())[::-1]) for day in span]
