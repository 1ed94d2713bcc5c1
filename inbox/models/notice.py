from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ScopedManager
from clinics.models.base import clinic_index
from inbox.models.choices import MessageStatus
from inbox.models.message import UnifiedMessage
from patients.models import Appointment

WAITING = (MessageStatus.PLANNED, MessageStatus.PENDING)


class AppointmentNoticeQuerySet(models.QuerySet):
    def waiting(self):
        """Those whose message has not gone yet and may still be taken back."""
        return self.filter(message__status__in=WAITING)

    def told(self):
        """Those that say how an appointment stands and were not taken back."""
        return self.exclude(kind=AppointmentNotice.Kind.REMINDER).exclude(message__status=MessageStatus.CANCELLED)

    def newest_first(self):
        return self.select_related("message__account").order_by("-created_at", "-pk")


class AppointmentNotice(ClinicModel):
    """A message that tells of an appointment: of which time, and whether it is to take place.

    What it tells is held against the appointment once more when it is claimed for sending.
    """

    class Kind(models.TextChoices):
        STATE = "STATE", _("How it stands")
        CANCELLED = "CANCELLED", _("It does not take place")
        REMINDER = "REMINDER", _("Reminder")

    appointment = ClinicForeignKey(Appointment, on_delete=models.CASCADE, related_name="notices")
    message = ClinicForeignKey(UnifiedMessage, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=9, choices=Kind)
    starts_at = models.DateTimeField()
    hours_before = models.PositiveSmallIntegerField(null=True)  # of a reminder

    objects = ScopedManager.of(AppointmentNoticeQuerySet)

    class Meta:
        verbose_name = _("message about an appointment")
        verbose_name_plural = _("messages about appointments")
        constraints = [models.UniqueConstraint(fields=["clinic", "message"], name="appointment_notice_one_a_message")]
        indexes = [clinic_index("appointment", "kind", name="notices_of_an_appointment")]

    @property
    def is_true(self):
        """Whether what it tells still holds."""
        is_on = self.kind != self.Kind.CANCELLED
        return self.appointment.is_open == is_on and (not is_on or self.appointment.starts_at == self.starts_at)
