"""Who gets the credit for a lead: five models side by side, each a way to share 1 among its touches. Pure arithmetic.

For touches 1 to n, the oldest first:

- FIRST     1 for the first touch.
- LAST      1 for the last touch.
- LINEAR    1/n for each.
- POSITION  0.4 for the first, 0.4 for the last, 0.2 shared by those between; of two touches each has half.
- DECAY     in proportion to 2^(-d/7), where d is how many days before the last touch it was: a week halves it.

Only touches before the lead became a patient count: what came later brought nobody.
"""

from functools import cache

from django.db import models
from django.utils.translation import gettext_lazy as _

HALF_LIFE_DAYS = 7
ENDS = 0.4


class Model(models.TextChoices):
    FIRST = "first", _("First touch")
    LAST = "last", _("Last touch")
    LINEAR = "linear", _("Linear")
    POSITION = "position", _("Position")
    DECAY = "decay", _("Time decay")


@cache
def weights(ages, model):
    """The share of each touch; `ages` are days before the last touch, the oldest first. They add up to 1.

    Raises ValueError where there is no touch to credit.
    """
    number = len(ages)
    if not number:
        raise ValueError("Nothing to credit.")
    if model == Model.FIRST:
        return (1.0, *[0.0] * (number - 1))
    if model == Model.LAST:
        return (*[0.0] * (number - 1), 1.0)
    if model == Model.LINEAR:
        return (1 / number,) * number
    if model == Model.POSITION:
        return _by_position(number)
    halves = [2 ** (-age / HALF_LIFE_DAYS) for age in ages]
    return tuple(half / sum(halves) for half in halves)


def _by_position(number):
    if number < 3:
        return (1 / number,) * number
    return (ENDS, *[(1 - 2 * ENDS) / (number - 2)] * (number - 2), ENDS)
