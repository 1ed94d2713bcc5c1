from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, Location, ScopedManager
from clinics.models.base import clinic_index
from patients.models.appointment import Appointment
from patients.models.hours import ScheduleBlock
from patients.models.patient import Patient
from patients.models.provider import AppointmentType, Provider
from patients.models.room import Room


class PartOfDay(models.TextChoices):
    ANY = "ANY", _("any time")
    MORNING = "MORNING", _("before noon")
    AFTERNOON = "AFTERNOON", _("after noon")


class WaitlistStatus(models.TextChoices):
    WAITING = "WAITING", _("Waiting")
    BOOKED = "BOOKED", _("Booked")
    WITHDRAWN = "WITHDRAWN", _("Taken off")


class WaitlistQuerySet(models.QuerySet):
    def waiting(self):
        """Who waits, whoever asked first at the top."""
        return self.filter(status=WaitlistStatus.WAITING).order_by("created_at", "pk")

    def for_list(self):
        return self.select_related("patient", "type", "provider", "location")

    def fitting(self, freed):
        """Who would come at a FreedTime, in turn: it suits them, and it was not theirs before it was given up."""
        start = freed.local_start
        other_half = PartOfDay.AFTERNOON if start.hour < 12 else PartOfDay.MORNING
        fits = Q(provider=None) | Q(provider=freed.provider_id)
        fits &= Q(location=None) | Q(location=freed.location_id)
        fits &= Q(type=None) | Q(type__in=types_at(freed))
        fits &= Q(earliest_on=None) | Q(earliest_on__lte=start.date())
        fits &= Q(latest_on=None) | Q(latest_on__gte=start.date())
        former = freed.appointment.patient_id if freed.appointment else None
        rows = self.waiting().filter(fits).exclude(part_of_day=other_half)
        return rows.exclude(patient__isnull=False, patient=former)

    def not_asked_about(self, freed):
        """Those whom a freed time was not offered to yet, or who were told that it is gone though it is not."""
        return self.exclude(pk__in=freed.offers.exclude(state="WITHDRAWN").values("entry"))


def types_at(freed):
    """The types of appointment that can take place at a FreedTime: its provider does them, and a room is free."""
    kinds = AppointmentType.objects.filter(duration_minutes__lte=freed.duration_minutes).done_by(freed.provider_id)
    times = (freed.starts_at, freed.ends_at)
    held = Appointment.objects.occupying().between(*times).filter(room=OuterRef("pk"))
    blocked = ScheduleBlock.objects.of_rooms().between(*times).filter(room=OuterRef("pk"))
    rooms = Room.objects.working().filter(~Exists(held), ~Exists(blocked), kind=OuterRef("room_kind"))
    rooms = rooms.filter(Q(location=freed.location_id) | Q(location=None)) if freed.location_id else rooms
    return kinds.filter(Q(room_kind=None) | Exists(rooms)).values("pk")


class WaitlistEntry(ClinicModel):
    """Somebody who would come sooner: a patient, or who is known by name and number alone, and when it suits them."""

    patient = ClinicForeignKey(
        Patient, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("patient")
    )
    contact_name = models.CharField(_("name"), max_length=160, blank=True, default="")
    contact_phone = models.CharField(_("phone"), max_length=40, blank=True, default="")
    type = ClinicForeignKey(
        AppointmentType, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("type")
    )
    provider = ClinicForeignKey(
        Provider, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("provider")
    )
    location = ClinicForeignKey(
        Location, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("location")
    )
    earliest_on = models.DateField(_("not before"), null=True, blank=True)
    latest_on = models.DateField(_("not after"), null=True, blank=True)
    part_of_day = models.CharField(_("when it suits"), max_length=10, choices=PartOfDay, default=PartOfDay.ANY)
    note = models.CharField(_("note"), max_length=255, blank=True, default="")
    status = models.CharField(_("status"), max_length=10, choices=WaitlistStatus, default=WaitlistStatus.WAITING)
    appointment = ClinicForeignKey(Appointment, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(WaitlistQuerySet)

    class Meta:
        verbose_name = _("entry of the waiting list")
        verbose_name_plural = _("waiting list")
        constraints = [
            models.CheckConstraint(
                condition=Q(patient__isnull=False) | ~Q(contact_name="") | ~Q(contact_phone=""),
                name="waitlist_is_of_somebody",
            )
        ]
        indexes = [clinic_index("status", "created_at", name="waitlist_in_turn")]

    def __str__(self):
        return self.who

    @property
    def who(self):
        return self.patient.display_name if self.patient else self.contact_name or self.contact_phone

    @property
    def reached_at(self):
        return (self.patient.phone_e164 or self.patient.phone) if self.patient else self.contact_phone
