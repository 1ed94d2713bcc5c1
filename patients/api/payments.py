"""Money: payments of patients and their payers, and what was given back."""

from datetime import date, datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from clinics.api_access import needs
from clinics.api_fields import Cents, Day, Named, Sent, chosen, named, text
from clinics.api_paging import Listed, PageAsked, cut
from clinics.api_problems import Problem
from clinics.audit import record, record_read
from patients.models import Patient, Payment, PaymentKind, PaymentMethod, Visit
from patients.visits import record_payment, refund_payment

router = Router(tags=["Payments"])


class PaymentOut(Schema):
    id: UUID
    patient: Named = Field(description="Who paid, or got it back.")
    visit: UUID | None
    kind: PaymentKind
    amount_cents: int = Field(description="Never negative: a refund has the kind REFUND.", examples=[18_000])
    currency: str = Field(examples=["USD"])
    method: PaymentMethod
    paid_on: date
    note: str
    external_id: str | None
    created_at: datetime


class PaymentsAsked(PageAsked):
    since: Day | None = Field(None, description="Paid on this day or later.")
    until: Day | None = Field(None, description="Paid on this day or before.")
    patient: UUID | None = None
    kind: PaymentKind | None = None
    external_id: str | None = Field(None, max_length=120)


class PaymentIn(Sent):
    """Money that came in, or that was given back."""

    patient: UUID
    kind: PaymentKind = PaymentKind.PAYMENT
    amount_cents: Cents = Field(examples=[18_000])
    method: PaymentMethod = PaymentMethod.CARD
    paid_on: Day | None = Field(None, description="Today, if it is not said.")
    visit: UUID | None = None
    note: text(255) = ""
    external_id: text(120, least=1) | None = Field(None, description="The same id twice is refused.")


class RefundIn(Sent):
    """What is given back of a payment; all that is left of it, if no amount is said."""

    amount_cents: Cents | None = Field(None, examples=[5_000])
    paid_on: Day | None = Field(None, description="Today, if it is not said.")
    note: text(255) = ""
    external_id: text(120, least=1) | None = None


@router.get("/payments", auth=needs("patient:read"), response=Listed[PaymentOut], summary="List payments")
def payment_list(request, response: HttpResponse, asked: Query[PaymentsAsked]):
    """Payments and refunds, newest first. That you read them stands on record."""
    asked_for = asked.model_dump(exclude_none=True, exclude={"page", "limit"})
    rows = Payment.objects.asked_for(asked_for).select_related("patient", "clinic").newest_first()
    listed = cut(request, response, rows, asked, draw=lambda page: [payment_out(each) for each in page])
    record("patients.payment.listed", by=request.member, metadata={"count": len(listed["items"])})
    return listed


@router.post("/payments", auth=needs("payment:create"), response={201: PaymentOut}, summary="Write a payment down")
def payment_create(request, sent: PaymentIn):
    """Write a payment or refund down. Send `Idempotency-Key`, so that a repeated request writes one."""
    values = sent.given()
    patient = chosen(Patient.objects.present(), values.pop("patient"), field="patient")
    values["paid_on"] = _day(values.get("paid_on"))
    if "visit" in values:
        values["visit"] = chosen(Visit.objects.all(), values["visit"], field="visit")
    payment = record_payment(patient, values, by=request.member)
    return Status(201, payment_out(find_payment(payment.pk)))


@router.get("/payments/{uuid:payment_id}", auth=needs("patient:read"), response=PaymentOut, summary="Read a payment")
def payment_detail(request, payment_id: str):
    """One payment. That you read it stands on record."""
    payment = find_payment(payment_id)
    record_read(payment.patient, by=request.member)
    return payment_out(payment)


@router.post(
    "/payments/{uuid:payment_id}/refund",
    auth=needs("payment:create"),
    response={201: PaymentOut},
    summary="Give money back",
)
def payment_refund(request, payment_id: str, sent: RefundIn):
    """Write down that some or all of a payment was given back, never more than is left of it."""
    values = sent.given()
    values["paid_on"] = _day(values.get("paid_on"))
    refund = refund_payment(find_payment(payment_id), values, by=request.member)
    return Status(201, payment_out(find_payment(refund.pk)))


def _day(day):
    """The day that was sent, today for none. Raises Problem 422 for one that is still to come."""
    if day is not None and day > timezone.localdate():
        raise Problem(422, errors=[{"field": "paid_on", "message": _("This day is still to come.")}])
    return day or timezone.localdate()


def find_payment(payment_id):
    return get_object_or_404(Payment.objects.select_related("patient", "clinic"), pk=payment_id)


def payment_out(payment):
    same = ("id", "kind", "amount_cents", "method", "paid_on", "note", "external_id", "created_at")
    return {name: getattr(payment, name) for name in same} | {
        "patient": named(payment.patient),
        "visit": payment.visit_id,
        "currency": payment.clinic.currency,
    }
