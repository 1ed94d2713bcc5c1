"""A period put together of what is kept: whole months, stretches of five days, single days, each added or taken off.

Of each month six stretches are kept beside the whole: from the 1st, 6th, 11th, 16th, 21st and 26th on, the last one up
to its end. So three stretches and three days at most lie between any day and the whole months on its nearer side. Of
what is kept by month alone it is fifteen days.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
WHOLE = 0  # the stretch that is the whole month
LENGTH, STRETCHES = 5, 6
# In SQL: which stretch a day belongs to.
STRETCH_OF = "least((extract(day FROM {day})::int - 1) / 5, 5) + 1"


@dataclass(frozen=True)
class Parts:
    """What a period adds up to: (sign, first of a month, stretch) of what is kept, (sign, since, until) of the rest."""

    kept: tuple
    days: tuple


def parts_of(since, until, *, stretches=True):
    """The Parts of all days from `since` to `until`, out of months and `stretches` or out of months alone."""
    if until - since < LENGTH * DAY:
        return Parts((), ((1, since, until),))
    start, end = _before(since, stretches), _before(until + DAY, stretches)
    kept = Counter({(month, WHOLE): 1 for month in _months(start[0], end[0])})
    kept.update(_less(end[1], start[1]))
    return Parts(tuple((sign, *place) for place, sign in sorted(kept.items()) if sign), _runs(_less(end[2], start[2])))


def _before(day, stretches):
    """All days before one: (the first up to which whole months are taken, {stretch: sign}, {day: sign} from there)."""
    first, following = day.replace(day=1), month_after(day)
    number = STRETCHES if stretches else 1
    starts = [*(first + n * LENGTH * DAY for n in range(number)), following]
    nearest = min(range(number + 1), key=lambda n: abs(starts[n] - day))
    days = dict.fromkeys(_days(starts[nearest], day), 1) | dict.fromkeys(_days(day, starts[nearest]), -1)
    if 2 * nearest <= number and nearest < number:
        return first, {(first, n + 1): 1 for n in range(nearest)}, days
    return following, {(first, n + 1): -1 for n in range(nearest, number)}, days


def _days(first, end):
    return [first + n * DAY for n in range((end - first).days)]


def month_after(day):
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _months(first, end):
    while first < end:
        yield first
        first = month_after(first)


def _less(these, those):
    """Signs of `these` less those of `those`; what cancels out is gone."""
    found = Counter(these)
    found.subtract(those)
    return {place: sign for place, sign in found.items() if sign}


def _runs(days):
    """[(sign, first, last)] of days that follow each other with the same sign."""
    runs = []
    for day, sign in sorted(days.items()):
        if runs and runs[-1][0] == sign and runs[-1][2] + DAY == day:
            runs[-1] = (sign, runs[-1][1], day)
        else:
            runs.append((sign, day, day))
    return tuple(runs)
