"""Which payments a refund gives back. Pure: on the payments and refunds of one patient, as rows or the like of them.

A refund that names a payment gives that one back. Any other, and what is too much for the one that it names, gives back
what is left of a payment for the same visit, then of one of the same amount, then of the newest. Nothing is given back
twice, however often and however much is refunded.
"""

from dataclasses import dataclass

from patients.models import PaymentKind


@dataclass(frozen=True)
class Part:
    """Cents of a refund that give back some of a payment; `before` cents of it had been given back already."""

    payment: object
    cents: int
    before: int


def parts_of(rows):
    """{id of a refund: [Part]} of all payments and refunds of one patient.

    Refunds are taken in the order in which they were written down, so that a later one changes no earlier one.
    """
    payments = [row for row in rows if row.kind == PaymentKind.PAYMENT]
    payments.sort(key=lambda row: (row.paid_on, row.created_at, row.pk), reverse=True)
    given, found = {payment.pk: 0 for payment in payments}, {}
    refunds = [row for row in rows if row.kind == PaymentKind.REFUND]
    for refund in sorted(refunds, key=lambda row: (row.created_at, row.pk)):
        left, parts = refund.amount_cents, []
        for payment in sorted(_paid_by_then(refund, payments), key=lambda row: _rank(refund, row, given)):
            cents = min(left, payment.amount_cents - given[payment.pk])
            if cents:
                parts.append(Part(payment, cents, given[payment.pk]))
                given[payment.pk] += cents
                left -= cents
        found[refund.pk] = parts
    return found


def _paid_by_then(refund, payments):
    return [row for row in payments if row.paid_on <= refund.paid_on or row.pk == refund.refunds_id]


def _rank(refund, payment, given):
    """What comes first: the payment that is named, what stood there already, the same visit, the same amount."""
    left = payment.amount_cents - given[payment.pk]
    return (
        payment.pk != refund.refunds_id,
        payment.created_at > refund.created_at,
        refund.visit_id is None or payment.visit_id != refund.visit_id,
        left != refund.amount_cents,
    )
