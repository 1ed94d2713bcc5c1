"""How sure a share is: the Wilson score interval, which keeps its word with few cases and near 0 and 1."""

from math import sqrt

# Nine times in ten the true share lies within.
NINETY_PERCENT = 1.6448536269514722


def wilson(successes, number, z=NINETY_PERCENT):
    """(low, high) of a share of `successes` among `number`; (None, None) of nothing.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209-212.
    """
    if not number:
        return None, None
    share, squared = successes / number, z * z
    middle = share + squared / (2 * number)
    spread = z * sqrt(share * (1 - share) / number + squared / (4 * number * number))
    whole = 1 + squared / number
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)
