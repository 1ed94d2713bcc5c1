"""Paid invoices that another program told of (`invoice_paid`), reckoned where no payment stands for them.

A payment stands for an invoice of the lead that its patient was, if it bears the invoice's external id, or if it is of
the same amount within three days before or after; each payment for one invoice at most.
"""

from collections import defaultdict
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from crm.commissions.earners import people_of, people_of_leads
from crm.commissions.reckoning import Paid
from crm.commissions.windows import midnight, told_for
from crm.models import Commission, ConvertedPatient, KpiEvent, KpiKind
from patients.models import Payment, PaymentKind

NEAR = timedelta(days=3)


def invoices_in(month):
    """The Paid of a month that no payment stands for, of leads that are known."""

    def on_days(first, last):
        return Q(occurred_at__gte=midnight(first), occurred_at__lt=midnight(last + timedelta(days=1)))

    invoices = KpiEvent.objects.of_kind(KpiKind.INVOICE_PAID).exclude(lead=None)
    invoices = list(invoices.filter(told_for(month, on_days)).order_by("occurred_at", "pk"))
    if not invoices:
        return []
    patients = _patients_of(invoices)
    stood_for = payments_of(invoices, patients)
    left = [invoice for invoice in invoices if invoice.pk not in stood_for]
    everybody = {patient for people in patients.values() for patient in people}
    through, leads = people_of(everybody), people_of_leads({invoice.lead_id for invoice in left})
    paying = set(Payment.objects.filter(patient__in=everybody).values_list("patient_id", flat=True))
    paying |= set(Commission.objects.for_new_patients(month).filter(patient__in=everybody))
    firsts = _first_of_each({invoice.lead_id for invoice in left})
    found = []
    for invoice in left:
        people, day = patients[invoice.lead_id], _day(invoice)
        patient = people[0] if people else None
        found.append(
            Paid(
                id="",
                event=str(invoice.pk),
                paid_on=day,
                cents=invoice.value_cents,
                patient=str(patient or ""),
                lead=str(invoice.lead_id),
                earners=through.get(patient) or leads.get(invoice.lead_id, {}),
                is_first=firsts.get(invoice.lead_id) == invoice.pk and not paying & set(people),
                is_late=day < month,
            )
        )
    return found


def invoices_reckoned_for(payments):
    """{payment: the invoice that it stands for and that a locked month has paid for}, of some payments; ids as text."""
    locked = Commission.objects.of_invoices().values_list("reason__event", flat=True).distinct()
    invoices = list(KpiEvent.objects.filter(pk__in=list(locked)).exclude(lead=None)) if payments else []
    found = payments_of(invoices, _patients_of(invoices))
    return {str(payment): str(invoice) for invoice, payment in found.items() if str(payment) in payments}


def payments_of(invoices, patients):
    """{invoice: the payment that stands for it}; `patients` are those of each lead."""
    people = {patient for each in patients.values() for patient in each}
    if not people:
        return {}
    days = [_day(invoice) for invoice in invoices]
    ids = {_number(invoice) for invoice in invoices} - {""}
    near = Q(paid_on__range=(min(days) - NEAR, max(days) + NEAR)) | Q(external_id__in=ids)
    payments = Payment.objects.filter(near, patient__in=people, kind=PaymentKind.PAYMENT).order_by("paid_on", "pk")
    by_patient, taken, found = defaultdict(list), set(), {}
    for payment in payments:
        by_patient[payment.patient_id].append(payment)
    for asks in (_bears_its_number, _is_like_it):
        for invoice in invoices:
            theirs = [payment for patient in patients[invoice.lead_id] for payment in by_patient[patient]]
            fitting = [payment for payment in theirs if payment.pk not in taken and asks(payment, invoice)]
            if fitting and invoice.pk not in found:
                nearest = min(fitting, key=lambda payment: abs(payment.paid_on - _day(invoice)))
                found[invoice.pk] = nearest.pk
                taken.add(nearest.pk)
    return found


def _bears_its_number(payment, invoice):
    return bool(payment.external_id) and payment.external_id == _number(invoice)


def _is_like_it(payment, invoice):
    return payment.amount_cents == invoice.value_cents and abs(payment.paid_on - _day(invoice)) <= NEAR


def _number(invoice):
    return invoice.external_id or ""


def _day(invoice):
    return timezone.localtime(invoice.occurred_at).date()


def _patients_of(invoices):
    """{lead: the patients that it became}."""
    rows = ConvertedPatient.objects.standing().filter(conversion__lead__in={invoice.lead_id for invoice in invoices})
    found = defaultdict(list)
    for lead, patient in rows.order_by("-pays", "pk").values_list("conversion__lead_id", "patient_id"):
        found[lead].append(patient)
    return found


def _first_of_each(leads):
    """{lead: the first paid invoice that was told of it}."""
    rows = KpiEvent.objects.of_kind(KpiKind.INVOICE_PAID).filter(lead__in=leads)
    return dict(rows.order_by("lead_id", "occurred_at", "pk").distinct("lead_id").values_list("lead_id", "pk"))
