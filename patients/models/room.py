from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, Location, ScopedManager


class WorkingQuerySet(models.QuerySet):
    def working(self):
        return self.filter(is_active=True)

    def in_order(self):
        return self.order_by("name", "pk")


class RoomQuerySet(WorkingQuerySet):
    def fit_for(self, kind, location=None):
        """Those in which a type of appointment (`kind`) can take place at a location, in order; a room without a
        location is everywhere. None of them if the type needs no room."""
        if kind is None or kind.room_kind_id is None:
            return self.none()
        rows = self.working().filter(kind=kind.room_kind_id).in_order()
        return rows if location is None else rows.filter(models.Q(location=location) | models.Q(location=None))


class RoomKind(ClinicModel):
    """What rooms and chairs are alike for: a treatment chair, the X-ray, a laser room."""

    name = models.CharField(_("name"), max_length=80)

    objects = ScopedManager.of(models.QuerySet)

    class Meta:
        verbose_name = _("kind of room or chair")
        verbose_name_plural = _("kinds of rooms and chairs")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["clinic", "name"], name="room_kind_name_once_a_clinic")]

    def __str__(self):
        return self.name


class Room(ClinicModel):
    """A room or chair that one appointment at a time can use."""

    name = models.CharField(_("name"), max_length=80)
    kind = ClinicForeignKey(
        RoomKind, on_delete=models.PROTECT, null=True, blank=True, related_name="rooms", verbose_name=_("kind")
    )
    location = ClinicForeignKey(
        Location, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("location")
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = ScopedManager.of(RoomQuerySet)

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
