"""What has happened and what was paid: visits, payments and refunds."""

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from patients.books import write_in_books
from patients.models import Patient, Payment, PaymentKind, Visit
from patients.registration import keyed_id, lock_key
from patients.rules import MoreThanPaid, NotAPayment, NothingPaid, PatientIsGone, TooEarly
from patients.segments import follow_visits


@transaction.atomic
def record_visit(patient, values, *, by, key=None):
    """Write down that a patient was here; returns the Visit.

    `values` are fields of Visit by name. The patient's last visit, rhythm and segment follow. The same `key` twice
    writes one visit. Records "patients.visit.recorded". Raises PatientIsGone, TooEarly for a visit to come.
    """
    patient = _present(patient)
    if values["visit_date"] > timezone.now():
        raise TooEarly
    visit = Visit(patient=patient, created_by=by, **values)
    if key:
        visit.pk = keyed_id(key)
        lock_key(visit.pk)
        known = Visit.objects.filter(pk=visit.pk).first()
        if known is not None:
            return known
    visit.save(force_insert=True)
    record(
        "patients.visit.recorded",
        visit,
        by=by,
        after={"patient": patient, "visit_date": visit.visit_date, "visit_type": visit.visit_type},
    )
    follow_visits(patient)
    publish(f"patient-{patient.pk}")
    return visit


@transaction.atomic
def record_payment(patient, values, *, by, key=None):
    """Write down money that came in, or that was given back (`kind` REFUND); returns the Payment.

    The same `key` twice writes one payment. Records "patients.payment.recorded". Raises NothingPaid, PatientIsGone,
    MoreThanPaid for a refund of more than the patient has paid in all.
    """
    write_in_books()
    patient = _present(patient)
    if values["amount_cents"] <= 0:
        raise NothingPaid
    payment = Payment(patient=patient, created_by=by, **values)
    if key:
        payment.pk = keyed_id(key)
        lock_key(payment.pk)
        known = Payment.objects.filter(pk=payment.pk).first()
        if known is not None:
            return known
    is_refund = payment.kind == PaymentKind.REFUND
    if is_refund and payment.amount_cents > Payment.objects.of_patient(patient).collected_cents():
        raise MoreThanPaid
    payment.save(force_insert=True)
    record(
        "patients.payment.recorded",
        payment,
        by=by,
        after={"patient": patient, "kind": payment.kind, "amount_cents": payment.amount_cents, "visit": payment.visit},
    )
    publish(f"patient-{patient.pk}")
    return payment


@transaction.atomic
def refund_payment(payment, values, *, by, key=None):
    """Give some of a payment back, all that is left of it if `values` say no `amount_cents`; returns the refund.

    Records "patients.payment.recorded". Raises MoreThanPaid, NothingPaid, PatientIsGone, NotAPayment.
    """
    write_in_books()
    payment = Payment.objects.select_related("patient", "visit").select_for_update(of=("self",)).get(pk=payment.pk)
    if payment.kind != PaymentKind.PAYMENT:
        raise NotAPayment
    left = payment.amount_cents - (payment.refunded_by.aggregate(total=Sum("amount_cents"))["total"] or 0)
    amount = values.get("amount_cents") or left
    if amount > left or left <= 0:
        raise MoreThanPaid
    same = {"kind": PaymentKind.REFUND, "method": payment.method, "visit": payment.visit, "refunds": payment}
    return record_payment(payment.patient, same | values | {"amount_cents": amount}, by=by, key=key)


def _present(patient):
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    if patient.deleted_at:
        raise PatientIsGone
    return patient
