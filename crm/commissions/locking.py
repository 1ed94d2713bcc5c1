"""A month of commissions made final, and opened again."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.audit import record
from clinics.errors import RuleBroken
from crm.commissions.statements import lines_of
from crm.figures.cohort import end_of_month
from crm.models import Commission, CommissionMonth
from patients.books import close_books


class MonthNotOver(RuleBroken):
    message = _("A month can be locked when it is over.")


class MonthIsLocked(RuleBroken):
    message = _("This month is locked already.")


class MonthIsOpen(RuleBroken):
    message = _("This month has been opened again already.")


class LaterMonthIsLocked(RuleBroken):
    message = _("A later month is locked: its lines may rest on this one.")


@transaction.atomic
def lock_month(month, *, by):
    """Make the commissions of a month that is over final; returns the CommissionMonth.

    Payments on their way are waited for: what was written down before the lock is in it, what comes later counts in a
    later month. Records "crm.commission.locked". Raises MonthNotOver, MonthIsLocked.
    """
    if end_of_month(month) >= timezone.localdate():
        raise MonthNotOver
    close_books()
    if CommissionMonth.objects.lock_of(month):
        raise MonthIsLocked
    lines = lines_of(month)
    lock = CommissionMonth.objects.create(month=month, locked_at=timezone.now(), locked_by=by)
    Commission.objects.bulk_create([_row(line, lock) for line in lines], batch_size=1000)
    record("crm.commission.locked", lock, by=by, after={"month": str(month), "lines": len(lines)})
    return lock


def _row(line, lock):
    kind, _colon, pk = line.who.partition(":")
    return Commission(
        month=lock,
        rule_id=line.terms_id,
        payment_id=line.paid.id or None,
        patient_id=line.paid.patient or None,
        lead_id=line.paid.lead or None,
        paid_on=line.paid.paid_on,
        cents=line.cents,
        reason=line.reason,
        **{f"{kind}_id": pk},
    )


@transaction.atomic
def unlock_month(lock, *, by):
    """Open the last locked month again; its lines are worked out anew. Raises LaterMonthIsLocked, MonthIsOpen.

    Records "crm.commission.unlocked".
    """
    close_books()
    if CommissionMonth.objects.lock_of(lock.month) != lock:
        raise MonthIsOpen
    if CommissionMonth.objects.filter(month__gt=lock.month).exists():
        raise LaterMonthIsLocked
    record("crm.commission.unlocked", lock, by=by, before={"month": str(lock.month)})
    lock.delete()
