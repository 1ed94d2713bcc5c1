"""How far a reader brings the figures up to date, and what is said where more is left than anybody waits for.

A page makes what a few leads have changed, so that it is exact. After an import of thousands it shows what is kept,
says how many leads that misses, and wakes a worker; the page hears of each batch.
"""

from dataclasses import dataclass

from django.core.cache import cache

from clinics.background import wake_for_all
from clinics.models.base import current_clinic_id
from crm.figures.keeping import bring_up_to_date, count_waiting

MOST = 200  # leads that a reader makes: a tenth of a second
COUNTED = 50_000
TOPIC = "figures"
USUAL_PACE = 0.001  # seconds a lead
PACE_IS_KEPT = 86400


@dataclass(frozen=True)
class Behind:
    """So many `leads` are missing in the figures, which takes a worker about so many `seconds`."""

    leads: int
    seconds: float

    @property
    def is_cut(self):
        """Whether there are more than were counted."""
        return self.leads >= COUNTED

    @property
    def minutes(self):
        return max(1, round(self.seconds / 60))


def catch_up():
    """Make the figures of stale leads anew where they are few and nobody else is at it; tells whether none is left."""
    waiting = count_waiting(MOST + 1)
    return not waiting or (waiting <= MOST and bring_up_to_date(waits=False) > 0)


def how_far_behind():
    """The Behind of the open clinic after catching up, or None; what is left is told to a worker."""
    if catch_up():
        return None
    leads = count_waiting(COUNTED)
    if not leads:
        return None
    wake_for_all("crm.tasks.keep_figures")
    return Behind(leads, leads * cache.get(_pace_key(current_clinic_id()), USUAL_PACE))


def leads_missing():
    """How many leads that is; 0 where the figures are up to date."""
    behind = how_far_behind()
    return behind.leads if behind else 0


def note_pace(clinic, leads, seconds):
    """Remember how long the last batch of a worker has taken, to say when the rest is there."""
    cache.set(_pace_key(clinic.pk), seconds / leads, PACE_IS_KEPT)


def _pace_key(clinic_id):
    return f"figures-pace:{clinic_id}"
