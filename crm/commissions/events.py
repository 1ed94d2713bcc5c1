"""What was paid in a month, and through whom its patients came: the paid events that commissions are made of."""

from datetime import datetime, time

from django.db.models import Q
from django.utils import timezone

from crm.commissions.reckoning import Paid, Terms
from crm.figures.cohort import end_of_month, months_earlier
from crm.models import CommissionMonth, CommissionRule, ConvertedPatient
from patients.models import Payment, PaymentKind


def terms_between(first, last):
    """The rules that are in effect between two days, as Terms."""
    return [terms_of(rule) for rule in CommissionRule.objects.effective_between(first, last).order_by("name", "pk")]


def terms_of(rule):
    provider = str(rule.provider_id) if rule.provider_id else None
    return Terms(str(rule.pk), rule.name, rule.rule, provider, rule.effective_from, rule.effective_until)


def paid_in(month):
    """The Paid of a month: by the day they were paid on, and those that were told late, after their month's lock."""
    last = end_of_month(month)
    wanted = Q(paid_on__range=(month, last)) & ~_told_late_of(month)
    return _paid_of(Payment.objects.filter(wanted | _told_late_in(month)), month)


def _told_late_of(month):
    """Payments of a locked month that were written down after the lock: they belong to a later month."""
    lock = CommissionMonth.objects.filter(month=month).first()
    return Q(created_at__gt=lock.locked_at) if lock else Q(pk__in=[])


def _told_late_in(month):
    """Payments of earlier, locked months that were written down in this one."""
    start, end = _midnight(month), _midnight(months_earlier(month, -1))
    late = Q(pk__in=[])
    for lock in CommissionMonth.objects.filter(month__lt=month):
        days = (lock.month, end_of_month(lock.month))
        late |= Q(paid_on__range=days, created_at__gt=max(lock.locked_at, start), created_at__lt=end)
    return late


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))


def _paid_of(payments, month):
    rows = list(payments.select_related("visit", "refunds").order_by("paid_on", "pk"))
    patients = {row.patient_id for row in rows}
    through = _people_of(patients)
    first = Payment.objects.filter(patient__in=patients, kind=PaymentKind.PAYMENT)
    first = first.order_by("patient_id", "paid_on", "pk").distinct("patient_id")
    firsts = dict(first.values_list("patient_id", "pk"))
    return [_paid(row, through.get(row.patient_id, {}), firsts.get(row.patient_id), month) for row in rows]


def _paid(row, people, first, month):
    visit = row.visit or (row.refunds and row.refunds.visit)
    provider = str(visit.provider_id) if visit and visit.provider_id else None
    return Paid(
        id=str(row.pk),
        paid_on=row.paid_on,
        cents=row.signed_cents,
        patient=str(row.patient_id),
        earners=people | ({"provider": f"provider:{provider}"} if provider else {}),
        provider=provider,
        procedures=tuple(visit.procedures) if visit else (),
        is_first=row.pk == first,
        refunds=str(row.refunds_id) if row.refunds_id else ("" if row.kind == PaymentKind.REFUND else None),
        refunded_cents=row.refunds.amount_cents if row.refunds else 0,
        is_late=row.paid_on < month,
    )


def _people_of(patients):
    """{patient: {role: who}}: the coordinator, closer and referrer of the lead through which each came first."""
    rows = ConvertedPatient.objects.standing().filter(patient__in=patients).order_by("conversion__converted_at", "pk")
    rows = rows.values_list(
        "patient_id",
        "conversion__lead__assigned_to_id",
        "conversion__by_id",
        "conversion__lead__referring_provider_id",
    )
    found = {}
    for patient, coordinator, closer, referrer in rows:
        people = {
            "coordinator": coordinator and f"member:{coordinator}",
            "closer": closer and f"member:{closer}",
            "referrer": referrer and f"referrer:{referrer}",
        }
        found.setdefault(patient, {role: who for role, who in people.items() if who})
    return found
