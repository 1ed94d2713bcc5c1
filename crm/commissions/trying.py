"""What a rule would have paid last month: nothing is written."""

from dataclasses import dataclass

from crm.commissions.events import terms_between
from crm.commissions.statements import lines_of, totals_of
from crm.figures.cohort import end_of_month, months_earlier


@dataclass(frozen=True)
class Trial:
    """A month as it is and as it would have been: [(name, cents as it is, cents with the rule, difference)]."""

    month: object
    rows: list

    @property
    def before(self):
        return sum(row[1] for row in self.rows)

    @property
    def after(self):
        return sum(row[2] for row in self.rows)

    @property
    def difference(self):
        return self.after - self.before


def try_rule(terms, month):
    """The Trial of a month with `terms` in the place of the rule of the same id, or beside all rules if it is new."""
    rules = terms_between(months_earlier(month, 60), end_of_month(month))
    others = [each for each in rules if each.id != terms.id]
    now = {total.who: total for total in totals_of(lines_of(month))}
    then = {total.who: total for total in totals_of(lines_of(month, [*others, terms]))}
    rows = []
    for who in {**now, **then}:
        before, after = (totals[who].cents if who in totals else 0 for totals in (now, then))
        rows.append(((now.get(who) or then[who]).name, before, after, after - before))
    return Trial(month, rows)
