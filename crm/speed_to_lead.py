"""How much time is left until somebody of the clinic must have spoken to a new lead, counted while it is open."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from clinics.business_hours import NOTHING, hours_of
from crm.models import LeadStatus

SOON = timedelta(minutes=1)
# Open hours, about a day's: after them the clock has nothing left to say, the age in the stage tells it.
FORGET_AFTER = timedelta(hours=9)


@dataclass(frozen=True)
class Clock:
    """`state` is running, soon (less than a minute left), missed, or waiting while the clinic is closed."""

    due_at: datetime
    now: datetime
    seconds_left: int  # of open time; below zero once it is missed
    state: str
    share: float  # of the time that is left, 0 to 1
    minutes: int  # allowed from the inquiry to the call
    opens_at: datetime | None = None  # when the clock goes on, while the clinic is closed

    @property
    def minutes_over(self):
        return max(1, -self.seconds_left // 60)

    @property
    def hours_over(self):
        """Whole hours, once minutes no longer say it well; else 0."""
        return self.minutes_over // 60 if self.minutes_over >= 120 else 0

    @property
    def shown(self):
        """The time left as 3:36."""
        return f"{self.seconds_left // 60}:{self.seconds_left % 60:02d}"


def time_to_first_contact(lead, clinic, now):
    """The clock of a new lead that nobody has contacted yet, or None when there is nothing to hurry for.

    It runs in the business hours of the lead's location: who asks on Friday night is due on Monday morning.
    """
    if lead.status != LeadStatus.NEW or lead.first_contacted_at is not None:
        return None
    hours = hours_of(clinic, lead.location_id)
    allowed = timedelta(minutes=clinic.speed_to_lead_minutes)
    due_at = hours.add(lead.captured_at, allowed)
    if due_at is None:
        return None
    left = hours.between(now, due_at) if now < due_at else -hours.between(due_at, now, enough=FORGET_AFTER)
    if left < -FORGET_AFTER:
        return None
    is_open, is_missed = hours.is_open(now), now >= due_at
    return Clock(
        due_at=due_at,
        now=now,
        seconds_left=int(left.total_seconds()),
        state="missed" if is_missed else "waiting" if not is_open else "soon" if left <= SOON else "running",
        share=max(0.0, min(1.0, left / allowed)) if allowed > NOTHING else 0.0,
        minutes=clinic.speed_to_lead_minutes,
        opens_at=None if is_open else hours.opens_after(now),
    )
