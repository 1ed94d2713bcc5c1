"""Lengths of time by classes a twentieth wide: their quantiles without reading one by one.

Of each class the number, the sum and the sum of squares are known, so that its lengths are taken to lie evenly round
their mean, as far apart as they are in truth. One or two in a class, and equal ones, are told exactly; of very many a
quantile lies within one percent of its true value, and never further from it than its class is wide.
"""

from collections import defaultdict
from math import sqrt

# The class of so many seconds: all of one class lie within five percent of each other.
CLASS = "floor(ln(greatest({seconds}, 1)) * 20)::int"


class Spans:
    """How many lengths of time of each class there are, and how many seconds (squared, too) they make together."""

    def __init__(self):
        self._classes = defaultdict(lambda: [0, 0.0, 0.0])

    def add(self, span, number, seconds, squares):
        known = self._classes[span]
        known[0] += int(number)
        known[1] += seconds
        known[2] += squares

    def add_all(self, others):
        for span, counted in others._classes.items():
            self.add(span, *counted)

    @property
    def number(self):
        return sum(number for number, _seconds, _squares in self._classes.values())

    def quantiles(self, shares):
        """The seconds at each share, between neighbours by the distance, as PERCENTILE_CONT does; of none, None."""
        classes = [_Class(*counted) for _span, counted in sorted(self._classes.items()) if counted[0] > 0]
        last = sum(each.number for each in classes) - 1
        if last < 0:
            return None
        found = []
        for share in shares:
            place = share * last
            below, above = _at(classes, int(place)), _at(classes, min(int(place) + 1, last))
            found.append(below + (place - int(place)) * (above - below))
        return found


class _Class:
    """Lengths that are taken to lie evenly: their mean, and how far one is from the next."""

    def __init__(self, number, seconds, squares):
        self.number, self.mean = number, seconds / number
        variance = max(squares / number - self.mean**2, 0) if number > 1 else 0
        is_equal = variance <= 1e-9 * self.mean**2  # what is left of adding and taking off again
        self.step = 0 if is_equal else sqrt(12 * variance / (number**2 - 1))

    def at(self, place):
        return self.mean + self.step * (place - (self.number - 1) / 2)


def _at(classes, place):
    for each in classes:
        if place < each.number:
            return each.at(place)
        place -= each.number
    raise IndexError(place)
