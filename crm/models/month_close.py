from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicModel


class MonthClose(ClinicModel):
    """What the leads of a month had come to when the month was first closed; never changed, so that later news show."""

    month = models.DateField(_("month"))  # its first day
    closed_on = models.DateField(_("closed on"))
    leads = models.PositiveIntegerField()
    converted = models.PositiveIntegerField()
    cost_cents = models.BigIntegerField()
    collected_cents = models.BigIntegerField()

    class Meta:
        verbose_name = _("close of a month")
        verbose_name_plural = _("closes of months")
        constraints = [
            models.UniqueConstraint(fields=["clinic", "month"], name="month_closed_once"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="month_close_is_of_a_month"),
        ]
