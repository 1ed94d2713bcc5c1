from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, Location, ScopedManager
from clinics.models.base import clinic_index
from patients.models.choices import Color, ProviderRole
from patients.models.room import RoomKind, WorkingQuerySet


class OnlineQuerySet(WorkingQuerySet):
    def booked_online(self):
        """Those that visitors of a booking page may choose."""
        return self.working().filter(is_booked_online=True)


class ProviderQuerySet(OnlineQuerySet):
    def who_do(self, kind):
        """Those who do a type of appointment: it is one of theirs, or nobody has said what they do."""
        if kind is None:
            return self
        lines = ProviderType.objects.filter(provider=models.OuterRef("pk"))
        return self.filter(models.Exists(lines.filter(type=kind)) | ~models.Exists(lines))


class Provider(ClinicModel):
    """Who treats: a doctor, hygienist or therapist with a column of their own in the schedule."""

    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(
        _("role"),
        max_length=10,
        choices=ProviderRole,
        blank=True,
        default="",
        help_text=_("Commission rules may be for visits of one role alone."),
    )
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

    def does(self, kind):
        """Whether a type of appointment is theirs; `type_links` may be prefetched."""
        theirs = [line.type_id for line in self.type_links.all()]
        return not theirs or kind.pk in theirs


class AppointmentTypeQuerySet(OnlineQuerySet):
    def done_by(self, provider_id):
        """What a provider does: their own types, or all of them if nobody has said."""
        theirs = ProviderType.objects.filter(provider=provider_id)
        return self.filter(models.Exists(theirs.filter(type=models.OuterRef("pk"))) | ~models.Exists(theirs))


class AppointmentType(ClinicModel):
    """What people come for: how long it takes, what it costs, and after how many days they are due again."""

    name = models.CharField(_("name"), max_length=80)
    duration_minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=30, validators=[MinValueValidator(5), MaxValueValidator(600)]
    )
    color = models.CharField(_("color"), max_length=1, choices=Color, default=Color.BLUE)
    room_kind = ClinicForeignKey(
        RoomKind,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("needs a room or chair"),
        help_text=_("Of this kind; a free one is taken when it is booked. Empty: it needs none."),
    )
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

    objects = ScopedManager.of(AppointmentTypeQuerySet)

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


class ProviderType(ClinicModel):
    """That a provider does a type of appointment. One without any does all of them."""

    provider = ClinicForeignKey(Provider, on_delete=models.CASCADE, related_name="type_links")
    type = ClinicForeignKey(
        AppointmentType, on_delete=models.CASCADE, related_name="provider_links", verbose_name=_("appointment type")
    )

    class Meta:
        verbose_name = _("what they do")
        verbose_name_plural = _("what they do")
        constraints = [models.UniqueConstraint(fields=["clinic", "provider", "type"], name="provider_does_a_type_once")]

    def __str__(self):
        return str(self.type)
