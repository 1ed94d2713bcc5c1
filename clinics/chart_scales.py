"""What every chart stands on: round ticks, a scale from figures to places, and how wide words are."""

import math
import unicodedata
from dataclasses import dataclass

from django.utils.formats import number_format

FONT_SIZE = 11
NARROW = frozenset("iIjlfrt.,:;'|!()[] ·’")
WIDE = frozenset("mwMWQO@%&—…")


@dataclass(frozen=True)
class Scale:
    """From figures between `low` and `high` to places between `start` and `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value):
        share = (value - self.low) / (self.high - self.low)
        return place(self.start + share * (self.end - self.start))


@dataclass(frozen=True)
class UprightScale(Scale):
    """A scale that runs upwards, and the place where the picture begins beside its words."""

    left: float


def place(number):
    """A coordinate, short enough to read in the page's source."""
    rounded = round(number, 1)
    return int(rounded) if rounded == int(rounded) else rounded


def figure(value):
    """The value itself, or None where it is unknown. Raises ValueError for NaN and the infinities."""
    if value is None:
        return None
    if not math.isfinite(value):
        raise ValueError(f"A chart cannot show {value}.")
    return float(value)


def write_number(value):
    """A figure in the reader's language with at most two decimals."""
    rounded = round(value, 2)
    if rounded == int(rounded):
        return number_format(int(rounded), force_grouping=True)
    return number_format(f"{rounded:.2f}".rstrip("0"), force_grouping=True)


def nice_ticks(low, high, *, most=6, whole=False):
    """Round numbers from at or below `low` to at or above `high`, about `most` of them; zero is always one."""
    low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-9:
        high = low + 1
    step = _nice_step((high - low) / most)
    step = max(step, 1) if whole else step
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    decimals = max(0, 2 - math.floor(math.log10(step)))
    return [round(number * step, min(decimals, 15)) for number in range(first, last + 1)]


def bins(low, high, *, most, whole=False):
    """The round width of at most about `most` bins between `low` and `high`, and where the first of them begins."""
    step = _nice_step(((high - low) or 1) / most)
    step = max(step, 1) if whole else step
    return step, math.floor(low / step) * step


def _nice_step(rough):
    power = 10.0 ** math.floor(math.log10(max(rough, 1e-12)))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))


def text_width(text):
    """About how wide a label is at the size of chart text, in the units of the picture."""
    return sum(_letter_width(letter) for letter in text) * FONT_SIZE


def _letter_width(letter):
    if unicodedata.combining(letter):
        return 0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    if letter in NARROW:
        return 0.32
    return 0.9 if letter in WIDE else 0.68 if letter.isupper() else 0.56


def fit(text, width):
    """The label, shortened with an ellipsis where it is wider than `width`."""
    text = str(text)
    if text_width(text) <= width:
        return text
    while text and text_width(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"


def label_column(labels, *, width, note_width=0):
    """How much of the width the names of the rows take: as much as they need, but never more than a third."""
    widest = max((text_width(str(label)) for label in labels), default=0)
    return place(min(widest, (width - note_width) / 3) + 14)
