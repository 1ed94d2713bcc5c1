"""Lengths of time by classes a hundredth wide: their quantiles without reading one by one.

Of each class both the number and the sum are known, so each of its lengths is taken for their mean: few lengths are
told exactly, and so are equal ones; of very many a quantile lies within one percent of its true value.
"""

from collections import defaultdict

# The class of so many seconds: all of one class lie within one percent of each other.
CLASS = "floor(ln(greatest({seconds}, 1)) * 100)::int"


class Spans:
    """How many lengths of time of each class there are, and how many seconds they make together."""

    def __init__(self):
        self._classes = defaultdict(lambda: [0, 0.0])

    def add(self, span, number, seconds):
        known = self._classes[span]
        known[0] += int(number)
        known[1] += seconds

    def add_all(self, others):
        for span, counted in others._classes.items():
            self.add(span, *counted)

    @property
    def number(self):
        return sum(number for number, _seconds in self._classes.values())

    def quantiles(self, shares):
        """The seconds at each share, between neighbours by the distance, as PERCENTILE_CONT does; of none, None."""
        classes = [(number, seconds / number) for _span, (number, seconds) in sorted(self._classes.items()) if number]
        last = sum(number for number, _mean in classes) - 1
        if last < 0:
            return None
        found = []
        for share in shares:
            place = share * last
            below, above = _at(classes, int(place)), _at(classes, min(int(place) + 1, last))
            found.append(below + (place - int(place)) * (above - below))
        return found


def _at(classes, place):
    for number, mean in classes:
        if place < number:
            return mean
        place -= number
    raise IndexError(place)
