"""What was paid in a month, and through whom its patients came: the paid events that commissions are made of."""

from collections import defaultdict

from django.db.models import Q

from crm.commissions.earners import people_of
from crm.commissions.giving_back import parts_of
from crm.commissions.invoices import invoices_in, invoices_reckoned_for
from crm.commissions.reckoning import Paid, Terms
from crm.commissions.windows import told_for
from crm.models import Commission, CommissionRule
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
    rows = list(payments.select_related("visit__provider").order_by("paid_on", "pk"))
    patients = {row.patient_id for row in rows}
    through, firsts = people_of(patients), first_payments(patients, month)
    back, found = _what_is_given_back(rows), []
    for row in rows:
        if row.kind == PaymentKind.REFUND:
            found += [_given_back(row, part, month) for part in back[row.pk]]
        else:
            found.append(_paid(row, through.get(row.patient_id, {}), firsts.get(row.patient_id), month))
    return found


def first_payments(patients, month):
    """{patient: the payment that they were new with}, but for those whom a locked month before `month` has paid for."""
    rows = Payment.objects.filter(patient__in=patients, kind=PaymentKind.PAYMENT)
    rows = rows.exclude(patient__in=list(Commission.objects.for_new_patients(month).filter(patient__in=patients)))
    first = rows.order_by("patient_id", "paid_on", "created_at", "pk").distinct("patient_id")
    return dict(first.values_list("patient_id", "pk"))


def _what_is_given_back(rows):
    """{refund: [Part]} of the refunds among some rows, by all that their patients have paid."""
    refunded = {row.patient_id for row in rows if row.kind == PaymentKind.REFUND}
    of_each, found = defaultdict(list), {}
    for row in Payment.objects.filter(patient__in=refunded):
        of_each[row.patient_id].append(row)
    for each in of_each.values():
        found |= parts_of(each)
    return found


def _given_back(row, part, month):
    return Paid(
        id=str(row.pk),
        paid_on=row.paid_on,
        cents=-part.cents,
        patient=str(row.patient_id),
        earners={},
        refunds=str(part.payment.pk),
        refunded_cents=part.payment.amount_cents,
        given_before=part.before,
        is_late=row.paid_on < month,
    )


def _paid(row, people, first, month):
    provider = str(row.visit.provider_id) if row.visit and row.visit.provider_id else None
    return Paid(
        id=str(row.pk),
        paid_on=row.paid_on,
        cents=row.amount_cents,
        patient=str(row.patient_id),
        earners=people | ({"provider": f"provider:{provider}"} if provider else {}),
        provider=provider,
        provider_role=row.visit.provider.role if provider else "",
        procedures=tuple(row.visit.procedures) if row.visit else (),
        is_first=row.pk == first,
        is_late=row.paid_on < month,
    )
