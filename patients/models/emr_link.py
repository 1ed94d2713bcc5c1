"""What the live connection to an EMR needs beside itself: the keys we sign with, and what is yet to be told there."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.encryption import EncryptedTextField
from clinics.models import ClinicForeignKey, ClinicModel, ScopedManager
from clinics.models.base import clinic_index
from patients.models.appointment import Appointment
from patients.models.emr import EmrConnection


class EmrKeyQuerySet(models.QuerySet):
    def published(self):
        """Those that the EMR is shown: in use, about to be, or on their way out."""
        return self.filter(Q(published_until=None) | Q(published_until__gt=timezone.now()))

    def newest_first(self):
        return self.order_by("-id")


class EmrKey(ClinicModel):
    """A key pair that proves who we are to one EMR; the private half is sealed and never shown.

    A new key is published for a while before it signs, because an EMR reads our keys only now and then; the old one
    stays published for a while after it has signed last.
    """

    connection = ClinicForeignKey(EmrConnection, on_delete=models.CASCADE, related_name="keys")
    kid = models.CharField(max_length=64)
    algorithm = models.CharField(max_length=5)
    public_jwk = models.JSONField()
    private_pem = EncryptedTextField()
    signs_from = models.DateTimeField()
    published_until = models.DateTimeField(null=True)

    objects = ScopedManager.of(EmrKeyQuerySet)

    class Meta:
        verbose_name = _("EMR key")
        verbose_name_plural = _("EMR keys")
        constraints = [models.UniqueConstraint(fields=["clinic", "kid"], name="emr_key_once")]
        indexes = [clinic_index("connection", "-id", name="emr_key_of_a_connection")]

    def __str__(self):
        return f"{self.algorithm} …{self.kid[-6:]}"

    @property
    def is_waiting(self):
        """Published, and not yet signing."""
        return self.signs_from > timezone.now()


class EmrWriteQuerySet(models.QuerySet):
    def due(self, moment):
        """Those to be told now: new, to be tried again, or left by a worker that died. Paused connections wait."""
        told = self.filter(connection__is_active=True, connection__may_write=True)
        return told.filter(due_at__lte=moment).order_by("due_at", "pk")

    def for_list(self):
        return self.select_related("appointment__patient", "connection").order_by("-updated_at", "-id")

    def unfinished(self):
        return self.filter(due_at__isnull=False)

    def failed(self):
        return self.filter(status=EmrWrite.Status.FAILED)


class EmrWrite(ClinicModel):
    """What an EMR is to be told of one appointment: as it stands when it is sent, not as it stood when it changed.

    `wanted_version` is the appointment's version that the EMR has to know of, `sent_version` the one that it knows.
    """

    class Status(models.TextChoices):
        PENDING = "PENDING", _("To be sent")
        SENDING = "SENDING", _("Being sent")
        UNKNOWN = "UNKNOWN", _("No answer: will be looked up")
        SENT = "SENT", _("Known there")
        CONFLICT = "CONFLICT", _("Changed on both sides")
        FAILED = "FAILED", _("Not accepted")

    connection = ClinicForeignKey(EmrConnection, on_delete=models.CASCADE, related_name="writes")
    appointment = ClinicForeignKey(Appointment, on_delete=models.CASCADE, related_name="emr_writes")
    status = models.CharField(_("state"), max_length=8, choices=Status, default=Status.PENDING)
    wanted_version = models.PositiveIntegerField()
    sent_version = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True, default="")
    sent_at = models.DateTimeField(null=True)

    objects = ScopedManager.of(EmrWriteQuerySet)

    class Meta:
        verbose_name = _("change for an EMR")
        verbose_name_plural = _("changes for EMRs")
        constraints = [
            models.UniqueConstraint(fields=["clinic", "connection", "appointment"], name="emr_write_once"),
        ]
        indexes = [
            clinic_index("due_at", name="emr_write_due", condition=Q(due_at__isnull=False)),
            clinic_index("connection", "-updated_at", name="emr_write_of_a_connection"),
            clinic_index("appointment", name="emr_write_of_an_appointment"),
        ]

    def __str__(self):
        return f"{self.appointment_id} {self.status}"
