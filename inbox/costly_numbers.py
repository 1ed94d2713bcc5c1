"""Numbers at which each message costs its sender, so that nobody can earn by having a clinic write to them. Pure."""

from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

COSTLY = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN}


@lru_cache(maxsize=4096)
def is_costly(number):
    """Whether a number (E.164, or anything else) is one of a paid service, in the numbering plan of its country."""
    try:
        return phonenumbers.number_type(phonenumbers.parse(number)) in COSTLY
    except phonenumbers.NumberParseException:
        return False
