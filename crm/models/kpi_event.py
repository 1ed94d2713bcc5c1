from datetime import timedelta

from django.db import models
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index
from crm.models.lead import Lead
from crm.models.source import AdCampaign, LeadSource


class KpiKind(models.TextChoices):
    AD_CLICK = "ad_click", _("Click on an ad")
    CONSULT_BOOKED = "consult_booked", _("Consultation booked")
    CONSULT_SHOW = "consult_show", _("Came to the consultation")
    INVOICE_PAID = "invoice_paid", _("Invoice paid")


class KpiEventQuerySet(models.QuerySet):
    def for_list(self):
        return self.select_related("lead", "source", "ad_campaign").order_by("-occurred_at", "-id")

    def of_kind(self, kind):
        return self.filter(kind=kind)

    def between(self, start, end):
        """Events from `start` on and before `end`."""
        return self.filter(occurred_at__gte=start, occurred_at__lt=end)

    def before(self, moment):
        """Events that were over before a moment."""
        return self.filter(occurred_at__lt=moment)

    def asked_for(self, wishes):
        """Those that a program asks for: `since`, `until`, and fields by name."""
        fields = {name: value for name, value in wishes.items() if name not in ("since", "until")}
        times = {"since": "occurred_at__gte", "until": "occurred_at__lt"}
        return self.filter(**fields, **{times[name]: wishes[name] for name in times if name in wishes})

    def totals(self):
        """{kind: {"count", "cents"}}."""
        rows = self.order_by().values("kind").annotate(count=Count("pk"), cents=Sum("value_cents", default=0))
        return {row["kind"]: row for row in rows}

    def totals_by_campaign(self):
        """{(ad campaign, kind): (how many, cents)}; an event that names no campaign belongs to that of its lead."""
        rows = self.annotate(campaign=Coalesce("ad_campaign", "lead__ad_campaign")).exclude(campaign=None).order_by()
        rows = rows.values_list("campaign", "kind")
        counted = rows.annotate(number=Count("pk"), cents=Sum("value_cents", default=0))
        return {(campaign, kind): (number, cents) for campaign, kind, number, cents in counted}


class KpiEvent(ClinicModel):
    """Something that counts, told by another program or a file: a click on an ad, a booking, a paid invoice.

    `lead` is whom it is about, where that is known; a click rarely is. The same external id is taken once.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=KpiKind)
    lead = ClinicForeignKey(Lead, on_delete=models.CASCADE, null=True, blank=True, related_name="kpi_events")
    source = ClinicForeignKey(LeadSource, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ad_campaign = ClinicForeignKey(AdCampaign, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    value_cents = models.PositiveBigIntegerField(_("value"), null=True, blank=True)
    occurred_at = models.DateTimeField(_("when"))
    metadata = models.JSONField(default=dict, blank=True)
    external_id = models.CharField(_("external id"), max_length=120, null=True, blank=True)
    created_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(KpiEventQuerySet)

    class Meta:
        verbose_name = _("key figure event")
        verbose_name_plural = _("key figure events")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "external_id"], condition=Q(external_id__isnull=False), name="kpi_event_once"
            ),
            models.CheckConstraint(
                condition=~Q(kind="invoice_paid") | Q(value_cents__gt=0), name="kpi_event_of_money_has_some"
            ),
            # A minute of grace for clocks of two machines.
            models.CheckConstraint(
                condition=Q(occurred_at__lte=models.F("created_at") + timedelta(minutes=1)),
                name="kpi_event_not_in_the_future",
            ),
        ]
        indexes = [
            clinic_index("-occurred_at", "-id", name="kpi_event_by_time"),
            clinic_index("kind", "-occurred_at", name="kpi_event_by_kind"),
            clinic_index("lead", name="kpi_event_of_a_lead", condition=Q(lead__isnull=False)),
        ]

    def __str__(self):
        return str(self.get_kind_display())
