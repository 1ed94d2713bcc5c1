"""Time zones, currencies and countries to choose from."""

import zoneinfo

import phonenumbers

CURRENCIES = [
    ("USD", "USD $"), ("CAD", "CAD $"), ("MXN", "MXN $"), ("EUR", "EUR €"), ("GBP", "GBP £"), ("AUD", "AUD $"),
    ("NZD", "NZD $"), ("CHF", "CHF"), ("SEK", "SEK kr"), ("NOK", "NOK kr"), ("DKK", "DKK kr"), ("PLN", "PLN zł"),
    ("BRL", "BRL R$"), ("COP", "COP $"), ("CLP", "CLP $"), ("ARS", "ARS $"), ("AED", "AED"), ("SGD", "SGD $"),
]  # fmt: skip


def time_zones():
    """Every place-named IANA zone as a pair for a choice field."""
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [(name, name.replace("_", " ")) for name in [*names, "UTC"]]


def phone_regions():
    """Every region that has a numbering plan of its own, by its ISO code."""
    return [(region, region) for region in sorted(phonenumbers.SUPPORTED_REGIONS)]
