from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index


class ReportKind(models.TextChoices):
    DAILY = "DAILY", _("Daily lead summary")
    WEEKLY = "WEEKLY", _("Weekly lead summary")
    FUNNEL = "FUNNEL", _("Monthly conversion funnel")
    SOURCES = "SOURCES", _("Source comparison")
    COORDINATORS = "COORDINATORS", _("Coordinator board")
    LOST = "LOST", _("Lost leads")
    ROI = "ROI", _("Marketing return")


class ReportSubscriptionQuerySet(models.QuerySet):
    def for_list(self):
        return self.select_related("member__user", "location").order_by("kind", "member__user__first_name", "id")

    def of(self, member):
        return self.filter(member=member)

    def with_last_delivery(self):
        """Each with what came of the last one: `last_status`, `last_at`."""
        last = ReportDelivery.objects.filter(subscription=models.OuterRef("pk")).order_by("-claimed_at")
        return self.annotate(
            last_status=models.Subquery(last.values("status")[:1]),
            last_at=models.Subquery(last.values("claimed_at")[:1]),
            last_id=models.Subquery(last.values("pk")[:1]),
            last_error=models.Subquery(last.values("error")[:1]),
            last_retry_at=models.Subquery(last.values("retry_at")[:1]),
        )

    def due(self, now):
        """Those whose moment has come, of members who still work here."""
        return self.filter(is_active=True, due_at__lte=now, member__is_active=True, member__user__is_active=True)


class ReportSubscription(ClinicModel):
    """A report that a member of staff gets by e-mail, again and again; `due_at` is when the next one goes."""

    class Every(models.TextChoices):
        DAY = "DAY", _("every day")
        WEEK = "WEEK", _("every Monday")
        MONTH = "MONTH", _("on the first of each month")

    kind = models.CharField(_("report"), max_length=12, choices=ReportKind)
    every = models.CharField(_("how often"), max_length=5, choices=Every)
    member = ClinicForeignKey(ClinicUser, on_delete=models.CASCADE, related_name="+", verbose_name=_("to"))
    location = ClinicForeignKey(
        "clinics.Location",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("location"),
    )
    hour = models.PositiveSmallIntegerField(_("hour"), default=7)
    due_at = models.DateTimeField()
    is_active = models.BooleanField(_("in use"), default=True)

    objects = ScopedManager.of(ReportSubscriptionQuerySet)

    class Meta:
        verbose_name = _("report by e-mail")
        verbose_name_plural = _("reports by e-mail")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "kind", "every", "member", "location"],
                name="report_once_a_member",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(hour__lte=23), name="report_goes_at_an_hour"),
        ]
        indexes = [clinic_index("due_at", name="report_due", condition=models.Q(is_active=True))]

    def __str__(self):
        return str(self.get_kind_display())


class ReportDeliveryQuerySet(models.QuerySet):
    def to_retry(self, now):
        """Failed ones whose next try has come, of subscriptions still in use."""
        return self.filter(status=ReportDelivery.Status.FAILED, retry_at__lte=now, subscription__is_active=True)

    def for_page(self):
        return self.select_related("subscription__member__user")


class ReportDelivery(ClinicModel):
    """One report of one period to one receiver: claimed before it is sent, so that it goes once whatever crashes."""

    class Status(models.TextChoices):
        CLAIMED = "CLAIMED", _("On its way")
        SENT = "SENT", _("Sent")
        FAILED = "FAILED", _("Failed")
        UNKNOWN = "UNKNOWN", _("Perhaps sent")

    subscription = ClinicForeignKey(ReportSubscription, on_delete=models.CASCADE, related_name="deliveries")
    since = models.DateField()
    until = models.DateField()
    status = models.CharField(_("state"), max_length=8, choices=Status, default=Status.CLAIMED)
    claimed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=120, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(_("tries"), default=1)
    # When a failed one is tried again; None once it is given up, or gone.
    retry_at = models.DateTimeField(null=True)

    objects = ScopedManager.of(ReportDeliveryQuerySet)

    class Meta:
        verbose_name = _("sent report")
        verbose_name_plural = _("sent reports")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "subscription", "since", "until"], name="report_sent_once_a_period"
            )
        ]
        indexes = [clinic_index("retry_at", name="report_to_retry", condition=models.Q(retry_at__isnull=False))]
