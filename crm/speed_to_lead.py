"""How much time is left until somebody of the clinic must have spoken to a new lead."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.models import LeadStatus

SOON = timedelta(minutes=1)
# A day later the clock has nothing left to say: the age in the stage tells it.
FORGET_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Clock:
    """`state` is running, soon (less than a minute left) or missed; `share` of the time that is left, 0 to 1."""

    due_at: datetime
    seconds_left: int
    state: str
    share: float
    minutes: int  # allowed from the inquiry to the call

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
    """The clock of a new lead that nobody has contacted yet, or None when there is nothing to hurry for."""
    if lead.status != LeadStatus.NEW or lead.first_contacted_at is not None:
        return None
    allowed = timedelta(minutes=clinic.speed_to_lead_minutes)
    left = lead.captured_at + allowed - now
    if left < -FORGET_AFTER:
        return None
    state = "missed" if left <= timedelta(0) else "soon" if left <= SOON else "running"
    return Clock(
        due_at=lead.captured_at + allowed,
        seconds_left=int(left.total_seconds()),
        state=state,
        share=max(0.0, min(1.0, left / allowed)) if allowed else 0.0,
        minutes=clinic.speed_to_lead_minutes,
    )
