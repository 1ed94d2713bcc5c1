"""What a patient's page tells of the past: visits, appointments, money and segments, one line each, newest first."""

from dataclasses import dataclass
from datetime import datetime, time

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients.models import AppointmentStatus, PaymentKind

PAGE_SIZE = 30
MISSED = {AppointmentStatus.NO_SHOW, AppointmentStatus.CANCELLED}
KINDS = {
    "visits": _("Visits"),
    "appointments": _("Appointments"),
    "payments": _("Payments"),
    "segments": _("Segments"),
}
APPOINTMENT_ICONS = {"NO_SHOW": "calendar-x", "CANCELLED": "ban", "RESCHEDULED": "arrow-right", "COMPLETED": "check"}


@dataclass(frozen=True)
class Entry:
    """One line: `kind` is a key of KINDS, `row` its subject; `starts_day` puts the heading of its day before it."""

    moment: datetime
    kind: str
    row: object
    starts_day: bool = False

    @property
    def symbol(self):
        if self.kind == "appointments":
            return APPOINTMENT_ICONS.get(self.row.status, "calendar")
        if self.kind == "payments":
            return "undo" if self.row.kind == PaymentKind.REFUND else "dollar"
        return {"visits": "calendar-check", "segments": "zap"}[self.kind]

    @property
    def is_missed(self):
        return self.kind == "appointments" and self.row.status in MISSED

    @property
    def is_machine(self):
        return self.kind == "segments"


@dataclass(frozen=True)
class History:
    """One page of it; `older` is how many the next page leaves out, "" at the end."""

    entries: list
    kind: str
    kinds: list
    older: str


def read_history(patient, *, kind="", skip=""):
    """What happened up to now, newest first, without the first `skip`; a visit stands for its own appointment."""
    skip = int(skip) if skip.isdecimal() and len(skip) < 6 else 0
    kind = kind if kind in KINDS else ""
    found = []
    for name, rows in _rows(patient, most=skip + PAGE_SIZE + 1).items():
        if kind in ("", name):
            found += [Entry(moment, name, row) for moment, row in rows()]
    found.sort(key=lambda entry: (entry.moment, str(entry.row.pk)), reverse=True)
    return History(
        entries=_with_days(found[skip : skip + PAGE_SIZE]),
        kind=kind,
        kinds=[("", _("All")), *KINDS.items()],
        older=str(skip + PAGE_SIZE) if len(found) > skip + PAGE_SIZE else "",
    )


def _rows(patient, *, most):
    """Of each kind, a function: the newest `most` rows up to now, with their moments."""
    now, zone = timezone.now(), patient.clinic.zone

    def visits():
        return [(each.visit_date, each) for each in patient.visits.for_list().newest_first()[:most]]

    def appointments():
        rows = patient.appointments.filter(starts_at__lt=now).exclude(status=AppointmentStatus.COMPLETED)
        return [(each.starts_at, each) for each in rows.for_list().order_by("-starts_at")[:most]]

    def payments():
        """A payment has a day and no hour: it stands at the day's beginning, below what was done."""
        rows = patient.payments.newest_first()[:most]
        return [(datetime.combine(each.paid_on, time.min, tzinfo=zone), each) for each in rows]

    def segments():
        return [(each.changed_at, each) for each in patient.segment_changes.all()[:most]]

    return {"visits": visits, "appointments": appointments, "payments": payments, "segments": segments}


def _with_days(entries):
    """The same entries, each knowing whether it is the first of its day."""
    days = [timezone.localtime(entry.moment).date() for entry in entries]
    return [
        Entry(entry.moment, entry.kind, entry.row, starts_day=number == 0 or day != days[number - 1])
        for number, (entry, day) in enumerate(zip(entries, days, strict=True))
    ]
