from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index
from crm.models.source import AdCampaign, LeadSource


class AdSpendQuerySet(models.QuerySet):
    def for_list(self):
        return self.select_related("source", "ad_campaign", "entered_by__user").order_by("-month", "source__name", "id")


class AdSpend(ClinicModel):
    """What was spent on a source in a month, on one of its ad campaigns or in general."""

    month = models.DateField(_("month"))  # its first day
    source = ClinicForeignKey(LeadSource, on_delete=models.PROTECT, related_name="spend", verbose_name=_("source"))
    ad_campaign = ClinicForeignKey(
        AdCampaign,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="spend",
        verbose_name=_("ad campaign"),
    )
    cents = models.PositiveBigIntegerField(_("spent"))
    note = models.CharField(_("note"), max_length=255, blank=True, default="")
    entered_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(AdSpendQuerySet)

    class Meta:
        verbose_name = _("spend")
        verbose_name_plural = _("spend")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "month", "source", "ad_campaign"], name="ad_spend_once_a_month", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(month__day=1), name="ad_spend_is_of_a_month"),
        ]
        indexes = [clinic_index("source", "month", name="ad_spend_of_a_source")]

    def __str__(self):
        return f"{self.source} {self.month:%Y-%m}"
