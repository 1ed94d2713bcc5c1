"""Match keys: what two writings of one person almost surely have in common, though no field is equal.

A pair of names gives up to four keys: one name by its sound in full, the other by two consonants at its beginning or at
its end. A slip in either name, a swap of the two, a short form or an accent leaves at least one key as it was. Whole
birth dates and postal codes join the sounds to find those of whom one name was not known or is quite another one.

Keys are kept as numbers that say nothing to whoever reads the table: birth dates are sealed on the lead.
"""

from functools import cache
from hashlib import blake2b
from hmac import digest

from django.conf import settings

from clinics.normalising import name_key
from clinics.same_person.addresses import split_street
from clinics.same_person.names import read_name, sound_of, sounds_of_given

MOST_NAMES = 3  # pairs of one first and one family name, of those who have several


def match_keys(person):
    """The keys of a Person and of their patient, as numbers of 64 bits with sign."""
    texts = set(_texts(person))
    if person.patient:
        texts |= set(_texts(person.patient, place=person))
    return {_number(text) for text in texts}


def _texts(person, place=None):
    name = read_name(person.given, person.family)
    givens = sounds_of_given(name.given)
    families = list(dict.fromkeys(sound_of(word) for word in (name.family[:1] + name.family[-1:])))
    for given, family in [(given, family) for given in givens for family in families][:MOST_NAMES]:
        yield from _pair(given, family)
    sounds = dict.fromkeys([*givens[:1], *families[:1]])
    if person.born_on:
        day, month = sorted((person.born_on.day, person.born_on.month))
        yield f"born:{person.born_on.year}:{day}:{month}"
    where = place or person
    postal_code = name_key(where.postal_code).replace(" ", "")[:5]
    if postal_code:
        yield from (f"post:{postal_code}:{sound}" for sound in sounds)
    numbers, street = split_street(name_key(where.street))
    if numbers and street:
        yield f"street:{min(numbers)}:{sound_of(street)[:4]}"


def _pair(one, other):
    for full, half in ((one, other), (other, one)):
        yield f"head:{full}:{half[:2]}"
        yield f"tail:{full}:{half[-2:]}"


def _number(text):
    return int.from_bytes(blake2b(text.encode(), digest_size=8, key=_secret()).digest(), signed=True)


@cache
def _secret():
    # The label stays as it is: stored keys were made under it.
    return digest(settings.SECRET_KEY.encode(), b"crm.duplicates.keys", "sha256")
