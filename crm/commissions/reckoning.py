"""Commissions worked out: pure arithmetic on plain values, whole cents, halves up, nothing lost in a split."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True)
class Terms:
    """A rule as it is reckoned with: id, name, JSON, the provider or role it is limited to, its first and last day."""

    id: str
    name: str
    rule: dict
    provider: str | None
    since: date
    until: date | None
    provider_role: str = ""

    def covers(self, paid):
        in_time = self.since <= paid.paid_on and (self.until is None or paid.paid_on <= self.until)
        is_theirs = self.provider is None or self.provider == paid.provider
        return in_time and is_theirs and (not self.provider_role or self.provider_role == paid.provider_role)


@dataclass(frozen=True)
class Paid:
    """A payment, or what a refund gives back of one; `earners` is {role: who}, for roles somebody had.

    Of a refund `refunds` is the payment, `refunded_cents` what that was, and `given_before` cents of it had been given
    back already. `event` is the id of a paid invoice that another program told of, where no payment stands for it.
    """

    id: str
    paid_on: date
    cents: int
    patient: str
    earners: dict
    provider: str | None = None
    provider_role: str = ""
    procedures: tuple = ()
    is_first: bool = False
    refunds: str | None = None
    refunded_cents: int = 0
    given_before: int = 0
    is_late: bool = False
    event: str | None = None
    lead: str = ""


@dataclass(frozen=True)
class Line:
    """What `who` earns of one payment by one rule; negative for what a refund takes back. `reason` is JSON."""

    who: str
    terms_id: str
    paid: Paid
    cents: int
    reason: dict


def reckon(terms, payments):
    """The lines of the payments of a month, in the order of their days; refunds are taken back by `take_back`."""
    collected, lines = defaultdict(int), []
    for paid in sorted((paid for paid in payments if not paid.refunds), key=lambda paid: (paid.paid_on, paid.id)):
        for each in terms:
            if not each.covers(paid):
                continue
            earned, how = _earned(each.rule, paid, collected[each.id])
            collected[each.id] += paid.cents
            lines += _split(each, paid, earned, how)
    return lines


def take_back(refund, lines):
    """The lines by which a refund takes back its part of what was earned of its payment (`lines`).

    What several refunds take back adds up to the cent, and is never more than was earned.
    """
    found = []
    for line in lines:
        cents = _taken_by(line, refund, refund.given_before) - _taken_by(
            line, refund, refund.given_before - refund.cents
        )
        if cents:
            back = {"back": True, "refund": -refund.cents, "of": refund.refunded_cents, "was": line.cents}
            found.append(replace(line, paid=refund, cents=cents, reason=line.reason | back | {"late": refund.is_late}))
    return found


def _taken_by(line, refund, given):
    """What of a line was taken back once so many cents of its payment had been given back; nothing of a loss."""
    return _whole(Decimal(max(line.cents, 0)) * min(given, refund.refunded_cents) / refund.refunded_cents)


def _earned(rule, paid, before):
    """(commission of a payment, how it came about); `before` is what the rule had collected in the month by then."""
    if rule["pays"] == "flat":
        applies = rule["per"] == "payment" or paid.is_first
        return (rule["flat_cents"] if applies else 0), {"pays": "flat", "per": rule["per"]}
    rates = [rule["procedures"][code] for code in paid.procedures if code in (rule.get("procedures") or {})]
    if rates:
        return _whole(_part(paid.cents, max(rates))), {"pays": "procedure", "percent": max(rates)}
    if rule["pays"] == "percent":
        return _whole(_part(paid.cents, rule["percent"])), {"pays": "percent", "percent": rule["percent"]}
    earned, parts, tiers = Decimal(0), [], rule["tiers"]
    after = before + paid.cents
    for number, (start, percent) in enumerate(tiers):
        end = tiers[number + 1][0] if number + 1 < len(tiers) else after
        within = min(after, end) - max(before, start)
        if within > 0:
            earned += _part(within, percent)
            parts.append([within, percent])
    return _whole(earned), {"pays": "tiers", "parts": parts}


def _split(terms, paid, earned, how):
    """One line for each role that somebody had; the last cent goes to the largest remainders."""
    shares = terms.rule["split"]
    exact = {role: _part(earned, percent) for role, percent in shares.items()}
    cents = {role: int(part) for role, part in exact.items()}
    left = earned - sum(cents.values())
    for role in sorted(shares, key=lambda role: (cents[role] - exact[role], role))[:left]:
        cents[role] += 1
    return [
        Line(
            paid.earners[role],
            terms.id,
            paid,
            cents[role],
            how
            | {"rule": terms.name, "paid": paid.cents, "role": role, "share": percent, "late": paid.is_late}
            | ({"event": paid.event} if paid.event else {}),
        )
        for role, percent in shares.items()
        if paid.earners.get(role) and cents[role]
    ]


def _part(cents, percent):
    return Decimal(cents) * Decimal(str(percent)) / 100


def _whole(cents):
    return int(cents.quantize(Decimal(1), rounding=ROUND_HALF_UP))
