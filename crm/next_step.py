"""The next best step with a lead, by plain rules, the most pressing first. Each says what it is and why.

1 the speed-to-lead clock runs: call        2 three attempts without an answer: ask whether it is lost (rule 8)
3 a task is overdue: do it                  4 the consultation is tomorrow and not confirmed: confirm it
5 nothing is planned: plan something        6 otherwise: what is planned next
"""

from dataclasses import dataclass

from django.utils import timezone

from crm.models import ActivityType, CallOutcome, Direction, LeadTask
from crm.speed_to_lead import time_to_first_contact
from patients.models import AppointmentStatus

ATTEMPTS = 3
UNANSWERED = {CallOutcome.VOICEMAIL, CallOutcome.NO_ANSWER, CallOutcome.WRONG_NUMBER}
REACHING = (ActivityType.PHONE_CALL, ActivityType.EMAIL, ActivityType.SMS, ActivityType.IN_PERSON)


@dataclass(frozen=True)
class NextStep:
    """`kind` is call, give_up, overdue, confirm, plan or planned; beside it what the rule saw."""

    kind: str
    clock: object = None
    task: LeadTask | None = None
    attempts: int = 0

    @property
    def is_pressing(self):
        return self.kind in ("call", "overdue")


def next_step(lead, clinic, tasks):
    """The NextStep of an open lead with its open `tasks` (soonest first), or None for a lead that is not open."""
    if not lead.is_open:
        return None
    now = timezone.now()
    if clock := time_to_first_contact(lead, clinic, now):
        return NextStep("call", clock=clock)
    if (attempts := attempts_without_answer(lead)) >= ATTEMPTS:
        return NextStep("give_up", attempts=attempts)
    if tasks and tasks[0].is_overdue:
        return NextStep("overdue", task=tasks[0])
    if is_unconfirmed_tomorrow(lead.consultation):
        return NextStep("confirm")
    if not tasks:
        return NextStep("plan")
    return NextStep("planned", task=tasks[0])


def has_date(lead, *, but=None):
    """Whether anything stands ahead with a lead: an open task other than `but`, or a consultation that is to come."""
    consultation = lead.consultation
    if consultation is not None and consultation.is_open and consultation.ends_at > timezone.now():
        return True
    return lead.tasks.open().exclude(pk=but and but.pk).exists()


def is_unconfirmed_tomorrow(appointment):
    """Whether an appointment (or None) stands, begins within the next day and nobody has confirmed it."""
    if appointment is None or appointment.status != AppointmentStatus.SCHEDULED:
        return False
    days = (timezone.localdate(appointment.starts_at) - timezone.localdate()).days
    return days in (0, 1) and appointment.starts_at > timezone.now()


def attempts_without_answer(lead):
    """How many calls and messages went out since the person was last spoken to or wrote back; a few are enough."""
    return unanswered_attempts(lead, ATTEMPTS)[0]


def unanswered_attempts(lead, enough):
    """The same up to some more than `enough`, and the id of the answer before them (None if there never was one)."""
    reaching = lead.activities.filter(type__in=REACHING).exclude(payload__contains={"automatic": True})
    facts = reaching.order_by("-occurred_at", "-id").values_list("pk", "type", "direction", "outcome")
    attempts = 0
    for pk, kind, direction, outcome in facts[: enough + 5]:
        if is_answer(kind, direction, outcome):
            return attempts, pk
        attempts += is_attempt(kind, outcome)
    return attempts, None


def is_answer(kind, direction, outcome):
    """Whether somebody was reached: they wrote or called, were met, or spoken to."""
    return direction == Direction.INBOUND or kind == ActivityType.IN_PERSON or outcome == CallOutcome.SPOKE


def is_attempt(kind, outcome):
    """Whether what went out is an attempt that stayed without an answer so far: a message, or a call to nobody."""
    return kind != ActivityType.PHONE_CALL or outcome in UNANSWERED
