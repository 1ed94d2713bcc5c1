"""What was paid in a month, and through whom its patients came: the paid events that commissions are made of."""

from django.db.models import Q

from crm.commissions.earners import people_of
from crm.commissions.invoices import invoices_in, invoices_reckoned_for
from crm.commissions.reckoning import Paid, Terms
from crm.commissions.windows import told_for
from crm.models import CommissionRule
from patients.models import Payment, PaymentKind


def terms_between(first, last):
    """The rules that are in effect between two days, as Terms."""
    return [terms_of(rule) for rule in CommissionRule.objects.effective_between(first, last).order_by("name", "pk")]


def terms_of(rule):
    provider = str(rule.provider_id) if rule.provider_id else None
    days = (rule.effective_from, rule.effective_until)
    return Terms(str(rule.pk), rule.name, rule.rule, provider, *days, rule.provider_role)


def paid_in(month):
    """The Paid of a month: by the day they were paid on, and those that were told late, after their month's lock.

    Paid invoices that another program told of count where no payment stands for them, and no payment counts that an
    invoice of a locked month stood for.
    """
    rows = Payment.objects.filter(told_for(month, lambda first, last: Q(paid_on__range=(first, last))))
    payments = _paid_of(rows, month)
    reckoned = invoices_reckoned_for({paid.id for paid in payments if not paid.refunds})
    return [paid for paid in payments if paid.id not in reckoned] + invoices_in(month)


def _paid_of(payments, month):
    related = ("visit__provider", "refunds__visit__provider")
    rows = list(payments.select_related(*related).order_by("paid_on", "pk"))
    patients = {row.patient_id for row in rows}
    through = people_of(patients)
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
        provider_role=visit.provider.role if provider else "",
        procedures=tuple(visit.procedures) if visit else (),
        is_first=row.pk == first,
        refunds=str(row.refunds_id) if row.refunds_id else ("" if row.kind == PaymentKind.REFUND else None),
        refunded_cents=row.refunds.amount_cents if row.refunds else 0,
        is_late=row.paid_on < month,
    )
