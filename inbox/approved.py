"""Approved templates as they are filled in: the words around their places, and what is likely to go there."""

import re
from dataclasses import dataclass

PLACE = re.compile(r"\{\{(\d+)\}\}")
LIKELY = ("first_name", "clinic", "next_visit")


def places_of(text):
    """The numbers of the places of a template, each once, in order."""
    return sorted({int(number) for number in PLACE.findall(text)})


def field_of(row, number):
    """The name of the field for one place of an ApprovedTemplate: each template has its own."""
    return f"value_{row.pk.hex}_{number}"


def fill_places(text, values):
    """The text with the values in its places; a place inside of a value stays as it is."""
    return PLACE.sub(lambda place: values[int(place[1]) - 1], text)


@dataclass(frozen=True)
class Place:
    """One place of a template: its field, and what stands in it."""

    number: int
    name: str
    value: str


@dataclass(frozen=True)
class Fillable:
    """An ApprovedTemplate to be filled in. `parts` is its text as (words, None) and ("", Place) in turn."""

    row: object
    places: list
    parts: list
    is_chosen: bool = False

    @classmethod
    def of(cls, row, values, typed=None):
        """With what was typed (QueryDict) if the form comes again, else with what probably goes there."""
        typed = typed or {}
        fields = {number: field_of(row, number) for number in places_of(row.text)}
        places = {
            number: Place(number, name, typed.get(name, _likely(number, values))) for number, name in fields.items()
        }
        words = PLACE.split(row.text)
        parts = [("", places[int(word)]) if at % 2 else (word, None) for at, word in enumerate(words)]
        return cls(row, list(places.values()), parts, typed.get("template") == str(row.pk))


def _likely(number, values):
    return values[LIKELY[number - 1]] if number <= len(LIKELY) else ""
