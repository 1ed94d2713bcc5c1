"""Who came to the consultation that was booked, and who accepted the treatment that was proposed there.

- Show rate: consultations of leads whose time lay within the period and which took place, of those that took place or
  were missed. Cancelled and moved ones had no chance to be missed, and those that nobody has closed yet are told apart.
- Acceptance rate: leads of the cohort that accepted the treatment, of those who came to the consultation, by their
  stages.
"""

from collections import defaultdict
from dataclasses import dataclass

from crm.figures.lines import read_lines
from crm.models import FigureKind, PipelineStage
from patients.models import AppointmentStatus

CAME, MISSED = AppointmentStatus.COMPLETED, AppointmentStatus.NO_SHOW
CALLED_OFF = (AppointmentStatus.CANCELLED, AppointmentStatus.RESCHEDULED)


@dataclass
class Shows:
    """Consultations of one month or coordinator."""

    came: int = 0
    missed: int = 0
    called_off: int = 0
    open: int = 0

    def add(self, status, number):
        if status == CAME:
            self.came += number
        elif status == MISSED:
            self.missed += number
        elif status in CALLED_OFF:
            self.called_off += number
        else:
            self.open += number

    @property
    def due(self):
        """Those that somebody came to or missed."""
        return self.came + self.missed

    @property
    def show_rate(self):
        return self.came / self.due if self.due else None


@dataclass(frozen=True)
class Consultations:
    total: Shows
    by_month: dict
    by_member: dict


def read_consultations(period):
    """The Consultations of a period, by month and by coordinator."""
    rows = read_lines(period, FigureKind.SHOW, ("month", "assigned_to", "word"))
    total, by_month, by_member = Shows(), defaultdict(Shows), defaultdict(Shows)
    for month, member, status, number in rows:
        for shows in (total, by_month[month], by_member[member]):
            shows.add(status, int(number))
    return Consultations(total, dict(by_month), dict(by_member))


def stages_of_consultation(stages):
    """(the stage of those who came to the consultation, the stage of those who accepted); None where there is none.

    By their short names, whatever they are called today; else the one after the stage that asks for an appointment, and
    the one that is won. A pipeline that goes straight from the appointment to won has no stage of those who came.
    """
    path = [stage for stage in stages if stage.kind != PipelineStage.Kind.LOST]
    known = {stage.slug: stage for stage in path}
    booked = [index for index, stage in enumerate(path) if stage.asks_on_entry == PipelineStage.Asks.APPOINTMENT]
    after = path[booked[-1] + 1] if booked and booked[-1] + 1 < len(path) else None
    came = known.get("consultation_completed") or (after if after is not None and after.is_open else None)
    accepted = known.get("treatment_accepted") or next((stage for stage in path if not stage.is_open), None)
    return came, accepted


def acceptance(funnel, stages):
    """(accepted, came to the consultation) of the cohort of a Funnel, or None where no stage tells who came."""
    came, accepted = stages_of_consultation(stages)
    reached = {step.stage.pk: step.reached for step in funnel.steps}
    if came is None or accepted is None or came.order >= accepted.order:
        return None
    return reached[accepted.pk], reached[came.pk]
