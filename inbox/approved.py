"""Approved templates as they are filled in: where each of their places stands, and what is likely to go there."""

import re
from dataclasses import dataclass

PLACE = re.compile(r"\{\{(\d+)\}\}")
LIKELY = ("first_name", "clinic", "next_visit")


@dataclass(frozen=True)
class Fillable:
    """An ApprovedTemplate with its places in order: (number, what probably goes there)."""

    row: object
    places: list

    @classmethod
    def of(cls, row, values):
        numbers = sorted({int(number) for number in PLACE.findall(row.text)})
        return cls(row, [(number, _likely(number, values)) for number in numbers])


def _likely(number, values):
    return values[LIKELY[number - 1]] if number <= len(LIKELY) else ""
