"""Whom to call first, as a figure: value × urgency × decay. Pure; what it is told comes from crm/queue.py.

score = worth(value, chance) × urgency(reason, hours, priority) × decay(days of silence)

worth    log2(1 + value / 1,000) of the currency, so that ten times the money is not ten times the hurry; a value that
         nobody has said counts as 3,000. Times 0.5 to 1.5 by the predicted chance, where there is one.
urgency  by the reason: an unanswered new lead first (8), then what is overdue (3, growing by 1 a day for three days),
         what is due today (1 to 3 as its hour comes near), a lead without next step (2), one that a rule would give up
         (1). Times 0.75 to 2 by the priority of the task.
decay    0.5 ^ (days / 14), never below 0.15: interest halves within two weeks of silence, and does not end.

More value, a higher chance, a longer overdue task and a higher priority never lower a rank; silence never raises it.
"""

from dataclasses import dataclass
from math import log2

NEW, OVERDUE, DUE, UNPLANNED, GIVE_UP = "new", "overdue", "due", "unplanned", "give_up"
UNKNOWN_CENTS = 300_000
HALF_LIFE_DAYS = 14
LEAST_DECAY = 0.15
DAYS_THAT_GROW = 3
WORKING_DAY_HOURS = 10
PRIORITIES = {"LOW": 0.75, "NORMAL": 1.0, "HIGH": 1.5, "URGENT": 2.0}


@dataclass(frozen=True)
class Rank:
    """Why somebody stands where they stand: the three factors."""

    worth: float
    urgency: float
    decay: float

    @property
    def score(self):
        return self.worth * self.urgency * self.decay


def rank(reason, *, cents=None, chance=None, hours=0.0, priority="NORMAL", silent_days=0.0):
    """The Rank of a lead: `reason` is one of those above, `hours` how long past its moment (negative: until then).

    `cents` is the expected value, `chance` the prediction from 0 to 100; both may be unknown (None).
    """
    return Rank(worth(cents, chance), urgency(reason, hours, priority), decay(silent_days))


def worth(cents, chance=None):
    value = log2(1 + (UNKNOWN_CENTS if cents is None else cents) / 100_000)
    return value * (1.0 if chance is None else 0.5 + chance / 100)


def urgency(reason, hours=0.0, priority="NORMAL"):
    weight = PRIORITIES.get(priority, 1.0)
    if reason == NEW:
        return 8.0
    if reason == OVERDUE:
        return weight * (3.0 + min(max(hours, 0.0) / 24, DAYS_THAT_GROW))
    if reason == DUE:
        nearness = 1 + min(hours, 0.0) / WORKING_DAY_HOURS  # from 0, a working day ahead, to 1, now
        return weight * (1.0 + 2.0 * min(max(nearness, 0.0), 1.0))
    return 2.0 if reason == UNPLANNED else 1.0


def decay(silent_days):
    return max(LEAST_DECAY, 0.5 ** (max(silent_days, 0.0) / HALF_LIFE_DAYS))
