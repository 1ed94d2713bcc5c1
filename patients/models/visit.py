from datetime import UTC

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import BigIntegerField, Case, Count, ExpressionWrapper, F, Max, Min, Q, Sum, When
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, Location, ScopedManager
from clinics.models.base import clinic_index
from patients.models.appointment import Appointment
from patients.models.choices import EmrSystem, PaymentKind, PaymentMethod, VisitSource
from patients.models.patient import Patient
from patients.models.payment_import import PaymentImport
from patients.models.provider import AppointmentType, Provider


class VisitQuerySet(models.QuerySet):
    def newest_first(self):
        return self.order_by("-visit_date", "-pk")

    def for_list(self):
        return self.select_related("provider", "location")

    def for_api(self):
        """Each with whom and where, and what was collected for it."""
        given_back = When(payments__kind=PaymentKind.REFUND, then=-F("payments__amount_cents"))
        signed = Case(given_back, default="payments__amount_cents", output_field=BigIntegerField())
        rows = self.select_related("patient", "provider", "location")
        return rows.annotate(collected_cents=Coalesce(Sum(signed), 0, output_field=BigIntegerField()))

    def asked_for(self, wishes):
        """Those that a program asks for: `since`, `until`, and fields by name."""
        fields = {name: value for name, value in wishes.items() if name not in ("since", "until")}
        times = {"since": "visit_date__gte", "until": "visit_date__lt"}
        return self.filter(**fields, **{times[name]: wishes[name] for name in times if name in wishes})

    def charged_to(self, payer):
        """Visits that somebody pays for: their own, and those of whom they are the responsible party."""
        return self.filter(Q(patient=payer, patient__responsible_party=None) | Q(patient__responsible_party=payer))

    def charged_cents(self):
        return self.aggregate(total=Sum("revenue_cents"))["total"] or 0

    def last_service_of(self, patient):
        """The AppointmentType that a patient came for last, told by the appointment or by its name; None if unknown."""
        last = self.filter(patient=patient).select_related("appointment__type").newest_first().first()
        if last is None:
            return None
        if last.appointment is not None and last.appointment.type is not None:
            return last.appointment.type
        return AppointmentType.objects.filter(name=last.visit_type).first() if last.visit_type else None

    def last_services_of(self, patient_ids):
        """The same of many patients: {patient_id: AppointmentType}, without those of whom it is unknown."""
        last = self.filter(patient_id__in=patient_ids).order_by("patient_id", "-visit_date", "-pk")
        last = list(last.distinct("patient_id").values_list("patient_id", "appointment__type", "visit_type"))
        if not any(type_id or name for _patient_id, type_id, name in last):
            return {}
        by_id = AppointmentType.objects.in_bulk()
        by_name = {kind.name: kind for kind in by_id.values()}
        known = {patient_id: by_id.get(type_id) or by_name.get(name) for patient_id, type_id, name in last}
        return {patient_id: kind for patient_id, kind in known.items() if kind is not None}

    def days_of(self, patient):
        """The moments of a patient's visits, oldest first."""
        return list(self.filter(patient=patient).order_by("visit_date").values_list("visit_date", flat=True))

    def summed_up(self, patient_ids):
        """Of each patient who was here: how often, first and last, and the different days (of UTC)."""
        days = ArrayAgg(TruncDate("visit_date", tzinfo=UTC), distinct=True)
        rows = self.filter(patient_id__in=patient_ids).order_by().values("patient_id")
        return rows.annotate(count=Count("pk"), first=Min("visit_date"), last=Max("visit_date"), days=days)


class Visit(ClinicModel):
    """Somebody was here: what was done, and what it brought. An appointment is booked; a visit has happened."""

    patient = ClinicForeignKey(Patient, on_delete=models.PROTECT, related_name="visits", verbose_name=_("patient"))
    visit_date = models.DateTimeField(_("when"))
    visit_type = models.CharField(_("type"), max_length=120, blank=True, default="")
    location = ClinicForeignKey(Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    provider = ClinicForeignKey(Provider, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    appointment = ClinicForeignKey(Appointment, on_delete=models.SET_NULL, null=True, blank=True, related_name="visits")
    source = models.CharField(_("source"), max_length=6, choices=VisitSource, default=VisitSource.MANUAL)
    emr_system = models.CharField(_("EMR"), max_length=10, choices=EmrSystem, blank=True, default="")
    external_visit_id = models.CharField(_("external id"), max_length=120, null=True, blank=True)
    procedures = ArrayField(models.CharField(max_length=120), default=list, blank=True, verbose_name=_("procedures"))
    revenue_cents = models.PositiveBigIntegerField(_("charged"), null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True, default="")
    created_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(VisitQuerySet)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "emr_system", "external_visit_id"],
                condition=Q(external_visit_id__isnull=False),
                name="visit_external_id_once",
            ),
            models.UniqueConstraint(
                fields=["clinic", "appointment"],
                condition=Q(appointment__isnull=False),
                name="visit_once_an_appointment",
            ),
        ]
        indexes = [
            clinic_index("visit_date", name="visit_by_date"),
            clinic_index("patient", "visit_date", name="visit_of_patient"),
        ]

    def __str__(self):
        return self.visit_type or str(_("Visit"))


class PaymentQuerySet(models.QuerySet):
    def newest_first(self):
        return self.order_by("-paid_on", "-pk")

    def of_patient(self, patient):
        return self.filter(patient=patient)

    def asked_for(self, wishes):
        """Those that a program asks for: `since`, `until` (days, both included), and fields by name."""
        fields = {name: value for name, value in wishes.items() if name not in ("since", "until")}
        days = {"since": "paid_on__gte", "until": "paid_on__lte"}
        return self.filter(**fields, **{days[name]: wishes[name] for name in days if name in wishes})

    def left_of(self, file):
        """How many of the payments that a file has brought are here."""
        return self.filter(brought_by=file).count()

    def collected_cents(self):
        """What came in, refunds taken off."""
        sums = self.aggregate(
            paid=Sum("amount_cents", filter=Q(kind=PaymentKind.PAYMENT)),
            refunded=Sum("amount_cents", filter=Q(kind=PaymentKind.REFUND)),
        )
        return (sums["paid"] or 0) - (sums["refunded"] or 0)

    def collected_of(self, patients):
        """What came in from each of these patients, refunds taken off: {patient_id: cents}, in one query."""
        back = When(kind=PaymentKind.REFUND, then=ExpressionWrapper(-F("amount_cents"), BigIntegerField()))
        signed = Case(back, default=F("amount_cents"), output_field=BigIntegerField())
        sums = self.filter(patient__in=patients).order_by().values_list("patient_id").annotate(total=Sum(signed))
        return {patient.pk: 0 for patient in patients} | dict(sums)


class Payment(ClinicModel):
    """Money that a patient or their payer gave, or got back (kind REFUND); the amount itself is never negative."""

    patient = ClinicForeignKey(Patient, on_delete=models.PROTECT, related_name="payments", verbose_name=_("patient"))
    visit = ClinicForeignKey(Visit, on_delete=models.SET_NULL, null=True, blank=True, related_name="payments")
    kind = models.CharField(_("kind"), max_length=7, choices=PaymentKind, default=PaymentKind.PAYMENT)
    amount_cents = models.PositiveBigIntegerField(_("amount"))
    method = models.CharField(_("method"), max_length=10, choices=PaymentMethod, default=PaymentMethod.CARD)
    brought_by = ClinicForeignKey(
        PaymentImport, on_delete=models.SET_NULL, null=True, blank=True, related_name="payments"
    )
    refunds = ClinicForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="refunded_by")
    paid_on = models.DateField(_("paid on"))
    note = models.CharField(_("note"), max_length=255, blank=True, default="")
    external_id = models.CharField(_("external id"), max_length=120, null=True, blank=True)
    created_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(PaymentQuerySet)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="payment_is_of_something"),
            models.UniqueConstraint(
                fields=["clinic", "external_id"],
                condition=Q(external_id__isnull=False),
                name="payment_external_id_once",
            ),
        ]
        indexes = [
            clinic_index("patient", "-paid_on", name="payment_of_patient"),
            clinic_index("paid_on", name="payment_by_day"),
            clinic_index("brought_by", name="payment_of_import", condition=Q(brought_by__isnull=False)),
            clinic_index("refunds", name="payment_refunded", condition=Q(refunds__isnull=False)),
        ]

    def __str__(self):
        return str(self.get_kind_display())

    @property
    def signed_cents(self):
        """What it adds to what was collected: negative for a refund."""
        return -self.amount_cents if self.kind == PaymentKind.REFUND else self.amount_cents
