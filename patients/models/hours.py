from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, Location, ScopedManager
from clinics.models.base import clinic_index
from patients.models.provider import Provider
from patients.models.room import Room

WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]


def local_time(moment, location):
    """A moment by the clock of a location, without a zone: templates show it as it stands.

    A location without a zone of its own keeps the clinic's, which is the current one wherever a clinic is open.
    """
    own = location.time_zone if location else ""
    return timezone.make_naive(moment, ZoneInfo(own) if own else None)


class WorkingHours(ClinicModel):
    """One stretch of a weekday in which a provider works, by the clock of the location.

    A provider without any works whenever the location is open.
    """

    provider = ClinicForeignKey(Provider, on_delete=models.CASCADE, related_name="hours", verbose_name=_("provider"))
    location = ClinicForeignKey(
        Location, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("location")
    )
    weekday = models.PositiveSmallIntegerField(_("day"), choices=WEEKDAYS)
    opens_at = models.TimeField(_("from"))
    closes_at = models.TimeField(_("until"))

    class Meta:
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        ordering = ["weekday", "opens_at"]
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="hours_close_after_they_open"),
            models.CheckConstraint(condition=Q(weekday__range=(0, 6)), name="hours_of_a_day_of_the_week"),
            models.UniqueConstraint(
                fields=["clinic", "provider", "weekday", "opens_at"], name="hours_begin_once_a_day"
            ),
        ]

    def __str__(self):
        return f"{self.get_weekday_display()} {self.opens_at:%H:%M}-{self.closes_at:%H:%M}"


class ScheduleBlockQuerySet(models.QuerySet):
    def between(self, start, end):
        return self.filter(starts_at__lt=end, ends_at__gt=start)

    def in_order(self):
        return self.order_by("starts_at", "pk")

    def with_place(self):
        return self.select_related("provider__location", "location", "room__location")

    def of_rooms(self):
        """Those of a room or chair alone."""
        return self.filter(room__isnull=False)


class ScheduleBlock(ClinicModel):
    """Time in which nobody is booked: with one provider, at one location, in the whole clinic, or in one room."""

    provider = ClinicForeignKey(
        Provider, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("provider")
    )
    location = ClinicForeignKey(
        Location, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("location")
    )
    room = ClinicForeignKey(
        Room, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("room or chair")
    )
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    reason = models.CharField(_("reason"), max_length=120, blank=True, default="")
    created_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(ScheduleBlockQuerySet)

    class Meta:
        verbose_name = _("blocked time")
        verbose_name_plural = _("blocked times")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="block_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(room=None) | Q(provider=None, location=None), name="block_of_a_room_is_of_it_alone"
            ),
        ]
        indexes = [clinic_index("ends_at", "starts_at", name="block_by_time")]

    def __str__(self):
        return self.reason or str(_("Blocked"))

    @property
    def place(self):
        """The location by whose clock it is shown: its own, or that of its room or provider; None is the clinic's."""
        return self.location or getattr(self.room or self.provider, "location", None)

    def is_about(self, provider, location, room=None):
        """Tell whether it stands against an appointment of this provider at this location, in this room."""
        of_provider = self.provider_id in (None, getattr(provider, "pk", None))
        at_location = self.location_id in (None, getattr(location, "pk", None))
        in_room = self.room_id in (None, getattr(room, "pk", None))
        return of_provider and at_location and in_room
