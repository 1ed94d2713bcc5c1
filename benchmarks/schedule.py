"""The calendar: a week of two thousand appointments."""

from datetime import UTC, date, datetime, timedelta

from benchmarks.patients import PatientCases
from benchmarks.timing import Result, timed
from clinics.tenancy import clinic_scope
from patients.models import Appointment, AppointmentType, Patient, Provider

MONDAY = date(2031, 3, 3)  # a week in which the demo has nothing
PROVIDERS, DAYS, A_DAY = 20, 5, 20
FIRST_HOUR = 14  # UTC: eight or nine o'clock in America


class ScheduleCases(PatientCases):
    """Each public method measures one case and yields its results."""

    def schedule_week(self):
        """A week of everybody, and the same week of one provider."""
        with clinic_scope(self.clinic):
            provider = fill_week()
        for name, path in [
            ("everybody, 2,000", f"/schedule/?view=week&on={MONDAY}"),
            ("one provider", f"/schedule/?view=week&on={MONDAY}&provider={provider.pk}"),
        ]:
            ours = timed(lambda path=path: self.browser.get(path), count=self.count)
            statements = self.statements(path)
            yield Result(f"week, {name}", ours, "≤ 80 ms", ours.p50 <= 80, None, statements)


def fill_week():
    """Twenty providers with twenty appointments on each of five days; drawn once. Returns one of the providers."""
    known = Provider.objects.filter(name="Measured 0").first()
    if known is not None:
        return known
    providers = Provider.objects.bulk_create(Provider(name=f"Measured {number}") for number in range(PROVIDERS))
    patients = Patient.objects.bulk_create(
        Patient(first_name=f"Patient {number}", last_name="Measured", name_key=f"patient {number} measured")
        for number in range(A_DAY * PROVIDERS)
    )
    kind = AppointmentType.objects.first()
    Appointment.objects.bulk_create(
        Appointment(
            provider=provider,
            patient=patients[number + turn * A_DAY],
            type=kind,
            starts_at=begins,
            ends_at=begins + timedelta(minutes=20),
        )
        for turn, provider in enumerate(providers)
        for day in range(DAYS)
        for number in range(A_DAY)
        for begins in [datetime(2031, 3, 3 + day, FIRST_HOUR, tzinfo=UTC) + timedelta(minutes=20 * number)]
    )
    return providers[0]
