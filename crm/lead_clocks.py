"""The speed-to-lead clock of each new lead: started when they ask, stopped by the first contact of a person, and heard.

Rows say when the next thing is to be done; a short tick does what is due. Hours and settings may change meanwhile: what
is due is worked out anew before anybody is told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from clinics.business_hours import hours_of
from crm.locking import answer_for
from crm.models import LeadClock, LeadStatus

Step = LeadClock.Step


@dataclass(frozen=True)
class Moments:
    """When the first call is due, and when who is told what, in their order: (moment, Step)."""

    due_at: datetime | None
    steps: tuple = ()

    def after(self, step):
        """The (moment, Step) that follows a step, or the first one after ""; (None, "") if there is none."""
        names = [name for _at, name in self.steps]
        place = names.index(step) + 1 if step in names else 0
        return self.steps[place] if place < len(self.steps) else (None, "")

    def of(self, step):
        return next((at for at, name in self.steps if name == step), None)


def moments_of(hours, started_at, *, allowed, warn, escalate, reassign):
    """The moments of a clock that starts at `started_at`, counted while the place is open (BusinessHours).

    All are minutes: `allowed` until the first call is due, `warn` before that, the others after it; None or, for
    `warn`, 0 leaves a step out, and so does a place that does not open for two months.
    """
    wanted = [
        (allowed - warn if warn and warn < allowed else None, Step.WARN),
        (None if escalate is None else allowed + escalate, Step.ESCALATE),
        (None if reassign is None else allowed + reassign, Step.REASSIGN),
    ]
    counted = [(minutes, step) for minutes, step in wanted if minutes is not None]
    steps = [(hours.add(started_at, timedelta(minutes=minutes)), step) for minutes, step in sorted(counted)]
    due_at = hours.add(started_at, timedelta(minutes=allowed))
    return Moments(due_at, tuple(step for step in steps if step[0] is not None) if due_at else ())


def moments_for(lead):
    """The moments of a lead by the settings of its clinic and the hours of its location, as they are now."""
    clinic = lead.clinic
    return moments_of(
        hours_of(clinic, lead.location_id),
        lead.captured_at,
        allowed=clinic.speed_to_lead_minutes,
        warn=clinic.speed_warn_minutes,
        escalate=clinic.speed_escalate_minutes,
        reassign=clinic.speed_reassign_minutes,
    )


def start_clock(lead):
    """Start the clock of a lead that has just come in; one that nobody needs to hurry for has none."""
    if lead.status != LeadStatus.NEW or lead.first_contacted_at is not None:
        return None
    moments = moments_for(lead)
    next_at, step = moments.after("")
    return LeadClock.objects.create(
        lead=lead,
        member=lead.assigned_to,
        started_at=lead.captured_at,
        due_at=moments.due_at,
        next_at=next_at,
        next_step=step,
    )


def stop_clock(lead, *, at, by):
    """A person of the clinic has made contact: how long that took, in open time, is kept."""
    seconds = hours_of(lead.clinic, lead.location_id).between(lead.captured_at, at).total_seconds()
    LeadClock.objects.filter(lead=lead).update(
        contacted_at=at, contacted_by=by, seconds=int(seconds), next_at=None, next_step=""
    )


def restart_clock(lead):
    """The first contact was taken back: the clock goes on, with what is still to come; nobody is told twice."""
    clock = LeadClock.objects.filter(lead=lead).first()
    if clock is None:
        return
    moments = moments_for(lead)
    told = [step for step, at in _told(clock) if at is not None]
    next_at, step = next((each for each in moments.steps if each[1] not in told), (None, ""))
    LeadClock.objects.filter(pk=clock.pk).update(
        contacted_at=None, contacted_by=None, seconds=None, next_at=next_at, next_step=step
    )


def note_automatic(lead, at):
    """An automatic reply has gone out: the first is remembered, and the clock runs on."""
    LeadClock.objects.filter(lead=lead, automatic_at=None).update(automatic_at=at)


def follow_owner(lead):
    """A lead went to somebody else before its first call was due: from now on it is theirs to answer in time."""
    if answer_for(lead.pk, running_clocks):
        LeadClock.objects.filter(lead=lead, contacted_at=None).update(member=lead.assigned_to)


def running_clocks(lead_ids):
    """{lead id: True} of those whose first call is not due yet."""
    running = LeadClock.objects.filter(lead__in=lead_ids, contacted_at=None, due_at__gt=timezone.now())
    return dict.fromkeys(running.values_list("lead", flat=True), True)


def _told(clock):
    return [
        (Step.WARN, clock.warned_at),
        (Step.ESCALATE, clock.escalated_at),
        (Step.REASSIGN, clock.reassigned_at),
    ]
