"""A month of commissions: worked out anew while it is open, kept as it was once it is locked."""

from collections import defaultdict
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils import timezone

from crm.commissions.earners import KINDS, names_of
from crm.commissions.events import paid_in, terms_between
from crm.commissions.invoices import invoices_reckoned_for
from crm.commissions.reckoning import Line, Paid, reckon, take_back
from crm.figures.cohort import end_of_month, months_earlier
from crm.models import Commission, CommissionMonth
from patients.models import Payment


@dataclass(frozen=True)
class Total:
    """What one person earned in a month: gained, taken back by refunds, and what remains."""

    who: str
    name: str
    gained: int
    taken_back: int
    lines: int

    @property
    def cents(self):
        return self.gained + self.taken_back


def lines_of(month, terms=None):
    """The Lines of a month: as they were locked, or worked out anew; always anew where other `terms` are tried."""
    lock = CommissionMonth.objects.filter(month=month).first()
    if lock is not None and terms is None:
        return KeptLines(Commission.objects.of_lock(lock))[:]
    tried = terms if terms is not None else terms_between(month.replace(year=month.year - 5), end_of_month(month))
    payments = paid_in(month)
    lines = reckon(tried, payments)
    refunds = [paid for paid in payments if paid.refunds]
    return lines + _taken_back(refunds, lines, month, terms) + _of_deleted_payments(month)


def statement_of(month, who=""):
    """(lines, [Total]) of a month, of one person if `who` is said; the lines can be counted and cut.

    Those of a locked month are counted, added up and cut by the database.
    """
    lock = CommissionMonth.objects.filter(month=month).first()
    if lock is None:
        lines = [line for line in lines_of(month) if not who or line.who == who]
        return OpenLines(lines), totals_of(lines)
    rows = Commission.objects.of_lock(lock, who)
    sums = {_who(row): row for row in rows.sums_by_person()}
    names = names_of(sums)
    totals = [Total(each, names[each], row["gained"], row["back"], row["number"]) for each, row in sums.items()]
    return KeptLines(rows), _by_amount(totals)


class OpenLines:
    """The lines of a month that is worked out anew: all of them are known, to be counted and cut."""

    def __init__(self, lines):
        self.lines = lines

    def count(self):
        return len(self.lines)

    def __getitem__(self, span):
        return self.lines[span]


class KeptLines:
    """The lines of a locked month: counted and cut by the database, no more of them are fetched than are wanted."""

    def __init__(self, rows):
        self.rows = rows

    def count(self):
        return self.rows.count()

    def __getitem__(self, span):
        return [_kept(row) for row in self.rows[span]]


def is_somebody(who):
    """Tell whether a word from an address can name somebody who earns."""
    kind, _colon, pk = who.partition(":")
    try:
        return kind in KINDS and bool(UUID(pk))
    except ValueError:
        return False


def _who(row):
    return next(f"{kind}:{row[f'{kind}_id']}" for kind in KINDS if row[f"{kind}_id"])


def _of_deleted_payments(month):
    """What lines of locked months had earned of payments that were deleted since goes back in the first open month."""
    last = CommissionMonth.objects.order_by("-month").first()
    if last is None or month != months_earlier(last.month, -1):
        return []
    lost = []
    for row in Commission.objects.without_payment():
        line = _kept(row)
        reason = line.reason | {"gone": str(row.pk), "was": line.cents}
        lost.append(replace(line, cents=-line.cents, reason=reason))
    return lost


def _taken_back(refunds, lines, month, terms):
    """What refunds take back, of payments of this month or of an earlier one: each of what its payment earned.

    A payment written down after its month was locked was paid for in the month in which that was done; one whose
    invoice a locked month has paid for gives back what its invoice had earned.
    """
    by_payment, months, found = defaultdict(list), {}, []
    for line in lines:
        by_payment[line.paid.id].append(line)
    missing = [refund.refunds for refund in refunds if refund.refunds not in by_payment]
    for payment in Payment.objects.filter(pk__in=missing):
        written = timezone.localtime(payment.created_at).date()
        for first in sorted({day.replace(day=1) for day in (payment.paid_on, written)}):
            if first < month:
                earned = months[first] if first in months else months.setdefault(first, lines_of(first, terms))
                by_payment[str(payment.pk)] += [line for line in earned if line.paid.id == str(payment.pk)]
    invoices = invoices_reckoned_for([payment for payment in missing if not by_payment[payment]])
    of_invoices = defaultdict(list)
    for row in Commission.objects.of_invoices(invoices.values()):
        of_invoices[row.reason["event"]].append(_kept(row))
    for refund in refunds:
        of_payment = by_payment[refund.refunds] or of_invoices[invoices.get(refund.refunds)]
        found += take_back(refund, of_payment)
    return found


def _kept(row):
    who = next(f"{kind}:{getattr(row, f'{kind}_id')}" for kind in KINDS if getattr(row, f"{kind}_id"))
    paid = Paid(
        id=str(row.payment_id or ""),
        paid_on=row.paid_on,
        cents=-row.reason["refund"] if row.reason.get("back") else row.reason.get("paid", 0),
        patient=str(row.patient_id or ""),
        earners={},
        event=row.reason.get("event"),
        lead=str(row.lead_id or ""),
    )
    return Line(who, str(row.rule_id), paid, row.cents, row.reason)


def totals_of(lines):
    """[Total] of some lines, who earned the most first."""
    names = names_of({line.who for line in lines})
    gained, back, count = defaultdict(int), defaultdict(int), defaultdict(int)
    for line in lines:
        (gained if line.cents > 0 else back)[line.who] += line.cents
        count[line.who] += 1
    return _by_amount([Total(who, names[who], gained[who], back[who], count[who]) for who in count])


def _by_amount(totals):
    return sorted(totals, key=lambda total: (-total.cents, total.name))
