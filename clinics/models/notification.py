from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models.base import ClinicForeignKey, ClinicModel, ScopedManager, clinic_index
from clinics.models.staff import ClinicUser


class StaffNotificationQuerySet(models.QuerySet):
    def of(self, member):
        return self.filter(member=member).order_by("-id")

    def about(self, url, kinds):
        """Those of some kinds that lead to a page."""
        return self.filter(url=url, kind__in=kinds)

    def unread(self):
        return self.filter(read_at=None)


class StaffNotification(ClinicModel):
    """Something a member of staff should know, with the page where it can be dealt with."""

    member = ClinicForeignKey(ClinicUser, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=60)
    text = models.CharField(max_length=255)
    url = models.CharField(max_length=255, blank=True, default="")
    read_at = models.DateTimeField(null=True)

    objects = ScopedManager.of(StaffNotificationQuerySet)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            clinic_index("member", "-id", name="notification_of_a_member"),
            clinic_index("member", name="notification_unread", condition=models.Q(read_at=None)),
        ]

    def __str__(self):
        return self.text
