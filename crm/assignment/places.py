"""Where people live, by their postal code: whether it is among some codes, and how far that is from a location."""

from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0


def plain_code(text):
    """A postal code without spaces, in capitals: "sw1a 1aa" is "SW1A1AA"."""
    return "".join(text.split()).upper()


def read_span(text):
    """("60701", "60712") for "60701-60712", and twice the same for a single beginning. Raises ValueError."""
    low, _dash, high = plain_code(text).partition("-")
    high = high or low
    if not low or len(low) != len(high) or low > high or not (low + high).isalnum():
        raise ValueError(text)
    return low, high


def is_among(code, spans):
    """Whether a postal code begins as one of the spans says."""
    code = plain_code(code)
    return bool(code) and any(low <= code[: len(low)] <= high for low, high in map(read_span, spans))


def find_place(code, areas):
    """(latitude, longitude) of the longest beginning of a postal code that `areas` knows; None if it knows none."""
    code = plain_code(code)
    return next((areas[code[:length]] for length in range(len(code), 0, -1) if code[:length] in areas), None)


def distance_km(one, other):
    """Kilometres between two (latitude, longitude), along a great circle (haversine formula)."""
    lat, lon, lat2, lon2 = map(radians, (*one, *other))
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half))
