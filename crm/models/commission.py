from datetime import date
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index
from crm.models.lead import Lead
from crm.models.source import ReferringProvider
from patients.models import Patient, Payment, Provider, ProviderRole


class CommissionRuleQuerySet(models.QuerySet):
    def in_order(self):
        return self.select_related("provider").order_by("name", "-effective_from", "id")

    def called(self, pk):
        """The rule of an id, None for what is none."""
        try:
            return self.filter(pk=UUID(pk)).first()
        except ValueError:
            return None

    def beside(self, rule):
        """Other rules that pay the same roles for the same visits on some of the days of this one."""
        last = rule.effective_until or date.max
        rows = self.effective_between(rule.effective_from, last).exclude(pk=rule.pk)
        rows = rows.filter(rule__split__has_any_keys=list(rule.rule["split"]))
        if rule.provider_id:
            rows = rows.filter(Q(provider=None) | Q(provider=rule.provider_id))
        if rule.provider_role:
            rows = rows.filter(provider_role__in=["", rule.provider_role])
        return rows.in_order()

    def effective_between(self, first, last):
        """Rules that are in effect on any of these days."""
        return self.filter(effective_from__lte=last).filter(Q(effective_until=None) | Q(effective_until__gte=first))


class CommissionRule(ClinicModel):
    """Who earns what of collected money, from when to when; `rule` is checked by crm.commissions.rules.

    With a provider, or a role of providers, it is about payments for their visits alone.
    """

    name = models.CharField(_("name"), max_length=120)
    provider = ClinicForeignKey(
        Provider,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only for visits of"),
    )
    provider_role = models.CharField(
        _("only for visits of the role"), max_length=10, choices=ProviderRole, blank=True, default=""
    )
    rule = models.JSONField()
    effective_from = models.DateField(_("from"))
    effective_until = models.DateField(_("until"), null=True, blank=True)

    objects = ScopedManager.of(CommissionRuleQuerySet)

    class Meta:
        verbose_name = _("commission rule")
        verbose_name_plural = _("commission rules")
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_until=None) | Q(effective_until__gte=models.F("effective_from")),
                name="commission_rule_ends_after_it_begins",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("crm:commission_rule_edit", args=[self.pk])

    @property
    def others(self):
        """The rules that pay the same roles for the same visits on some of its days, beside it."""
        return CommissionRule.objects.beside(self)

    @property
    def is_settled(self):
        """Locked months rest on it: what it pays is not changed any more."""
        return Commission.objects.filter(rule=self).exists()


class CommissionMonthQuerySet(models.QuerySet):
    def lock_of(self, month):
        """That a month is final, with who made it so; None while it is not."""
        return self.select_related("locked_by__user").filter(month=month).first()


class CommissionMonth(ClinicModel):
    """A month whose commissions are final: its lines stand as they were, what comes later counts in a later month."""

    month = models.DateField(_("month"))  # its first day
    locked_at = models.DateTimeField(_("locked"))
    locked_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(CommissionMonthQuerySet)

    class Meta:
        verbose_name = _("locked month")
        verbose_name_plural = _("locked months")
        constraints = [
            models.UniqueConstraint(fields=["clinic", "month"], name="commission_month_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="commission_month_is_a_month"),
        ]


class CommissionQuerySet(models.QuerySet):
    def of_lock(self, lock, who=""):
        """The lines of a locked month, of one person if `who` ("member:…") is said, in the order of their making."""
        kind, _colon, pk = who.partition(":")
        rows = self.filter(month=lock, **({f"{kind}_id": pk} if who else {}))
        return rows.select_related("payment").order_by("id")

    def of_invoices(self, invoices=None):
        """Lines of paid invoices that another program told of, of all or of some (ids as text)."""
        rows = self.filter(reason__has_key="event")
        return rows if invoices is None else rows.filter(reason__event__in=list(invoices)).select_related("payment")

    def for_new_patients(self, month):
        """The patients whom a locked month before this one has paid for as new ones."""
        stands = Q(payment__isnull=False) | Q(reason__has_key="event")
        paid = self.filter(stands, month__month__lt=month, reason__per="patient", cents__gt=0)
        return paid.exclude(patient=None).values_list("patient", flat=True).distinct()

    def without_payment(self):
        """Lines whose payment was deleted since, and that no later line takes back."""
        taken = self.filter(reason__has_key="gone").values_list("reason__gone", flat=True)
        lost = self.filter(payment=None).exclude(reason__has_any_keys=["event", "gone"])
        return lost.exclude(pk__in=list(taken)).order_by("id")

    def sums_by_person(self):
        """[{"provider_id", "member_id", "referrer_id", "gained", "back", "number"}]."""
        signs = {"gained": Q(cents__gt=0), "back": Q(cents__lt=0)}
        sums = {name: models.Sum("cents", filter=sign, default=0) for name, sign in signs.items()}
        rows = self.order_by().values("provider_id", "member_id", "referrer_id")
        return rows.annotate(**sums, number=models.Count("pk"))

    def for_list(self):
        return self.select_related("provider", "member__user", "referrer", "patient", "payment").order_by(
            "paid_on", "id"
        )


class Commission(ClinicModel):
    """One line of a locked month: what somebody earned of one payment, or gives back of one refund, and why.

    Exactly one of provider, member and referrer earns it; `reason` holds the figures that the amount was made of.
    """

    month = ClinicForeignKey(CommissionMonth, on_delete=models.CASCADE, related_name="lines")
    provider = ClinicForeignKey(Provider, on_delete=models.PROTECT, null=True, related_name="+")
    member = ClinicForeignKey(ClinicUser, on_delete=models.PROTECT, null=True, related_name="+")
    referrer = ClinicForeignKey(ReferringProvider, on_delete=models.PROTECT, null=True, related_name="+")
    rule = ClinicForeignKey(CommissionRule, on_delete=models.PROTECT, related_name="+")
    payment = ClinicForeignKey(Payment, on_delete=models.SET_NULL, null=True, related_name="+")
    patient = ClinicForeignKey(Patient, on_delete=models.SET_NULL, null=True, related_name="+")
    lead = ClinicForeignKey(Lead, on_delete=models.SET_NULL, null=True, related_name="+")
    paid_on = models.DateField()
    cents = models.BigIntegerField()
    reason = models.JSONField(default=dict)

    objects = ScopedManager.of(CommissionQuerySet)

    class Meta:
        verbose_name = _("commission")
        verbose_name_plural = _("commissions")
        constraints = [
            models.CheckConstraint(
                condition=Q(provider__isnull=False, member__isnull=True, referrer__isnull=True)
                | Q(provider__isnull=True, member__isnull=False, referrer__isnull=True)
                | Q(provider__isnull=True, member__isnull=True, referrer__isnull=False),
                name="commission_is_earned_by_one",
            ),
        ]
        indexes = [
            clinic_index("month", name="commission_of_month"),
            clinic_index("payment", name="commission_of_payment", condition=Q(payment__isnull=False)),
        ]
