from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, Location, ScopedManager
from clinics.models.base import clinic_index
from patients.models.choices import Color


class ProviderQuerySet(models.QuerySet):
    def working(self):
        return self.filter(is_active=True)

    def booked_online(self):
        """Those that visitors of a booking page may choose."""
        return self.working().filter(is_booked_online=True)

    def in_order(self):
        return self.order_by("name", "pk")


class Provider(ClinicModel):
    """Who treats: a doctor, hygienist or therapist with a column of their own in the schedule."""

    name = models.CharField(_("name"), max_length=120)
    specialty = models.CharField(_("does what"), max_length=80, blank=True, default="")
    color = models.CharField(_("color"), max_length=1, choices=Color, default=Color.BLUE)
    member = ClinicForeignKey(
        ClinicUser,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("login of"),
    )
    location = ClinicForeignKey(
        Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("usual location")
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_booked_online = models.BooleanField(
        _("can be booked online"), default=True, help_text=_("Visitors of a booking page may choose them.")
    )
    feed_digest = models.CharField(max_length=64, blank=True, default="", editable=False)
    feed_issued_at = models.DateTimeField(null=True, editable=False)

    objects = ScopedManager.of(ProviderQuerySet)

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "name"], name="provider_name_once_a_clinic"),
            models.UniqueConstraint(
                fields=["clinic", "member"], condition=Q(member__isnull=False), name="provider_once_a_member"
            ),
        ]
        indexes = [clinic_index("feed_digest", name="provider_by_feed")]

    def __str__(self):
        return self.name


class Room(ClinicModel):
    """A room or chair that one appointment at a time can use."""

    name = models.CharField(_("name"), max_length=80)
    location = ClinicForeignKey(
        Location, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("location")
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = ScopedManager.of(ProviderQuerySet)

    class Meta:
        verbose_name = _("room or chair")
        verbose_name_plural = _("rooms and chairs")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "location", "name"], name="room_name_once_a_location", nulls_distinct=False
            )
        ]

    def __str__(self):
        return self.name


class AppointmentType(ClinicModel):
    """What people come for: how long it takes, what it costs, and after how many days they are due again."""

    name = models.CharField(_("name"), max_length=80)
    duration_minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=30, validators=[MinValueValidator(5), MaxValueValidator(600)]
    )
    color = models.CharField(_("color"), max_length=1, choices=Color, default=Color.BLUE)
    price_cents = models.PositiveBigIntegerField(_("price"), null=True, blank=True)
    recall_interval_days = models.PositiveSmallIntegerField(_("due again after (days)"), null=True, blank=True)
    risk_after_days = models.PositiveSmallIntegerField(
        _("at risk after (days)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("For patients who came for this last. Empty: by their own usual interval."),
    )
    dormant_after_days = models.PositiveSmallIntegerField(
        _("dormant after (days without a visit)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("For patients who came for this last. Empty: as in the settings of the clinic."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_booked_online = models.BooleanField(
        _("can be booked online"), default=False, help_text=_("Visitors of a booking page may choose it.")
    )
    public_hint = models.CharField(_("in a few words, for visitors"), max_length=120, blank=True, default="")

    objects = ScopedManager.of(ProviderQuerySet)

    class Meta:
        verbose_name = _("appointment type")
        verbose_name_plural = _("appointment types")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "name"], name="appointment_type_name_once_a_clinic"),
            models.CheckConstraint(
                condition=Q(duration_minutes__range=(5, 600)), name="appointment_type_lasts_5_minutes_to_10_hours"
            ),
        ]

    def __str__(self):
        return self.name
