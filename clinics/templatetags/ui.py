"""Template tags of the house: icons, figures, dates, people and the address of a list. Loaded in every template."""

import re
import zlib
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path

import phonenumbers
from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language
from django_scopes import get_scope

from clinics.active_filters import filters_in_words
from clinics.moments import moments_of_reader

register = template.Library()

TINTS = 6
# Figures and numbers written before, kept in a process: a list writes the same few again and again.
REMEMBERED = 8192
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "CAD": "CA$", "AUD": "A$", "MXN": "MX$"}
THEMES = {"light", "dark"}
DENSITIES = {"compact", "comfortable"}


# Drawings ---------------------------------------------------------------------------------------


def icon_names():
    """Every drawing of the sprite, for the style guide and for the test that no template asks for another."""
    sprite = Path(finders.find("img/icons.svg")).read_text(encoding="utf-8")
    return re.findall(r'symbol id="i-([\w-]+)"', sprite)


@register.simple_tag
def icon(name, size="", label=""):
    """A drawing of the sprite; `size` is xs, sm or lg. With a label it speaks, otherwise it is decoration."""
    return _icon(name, size, str(label))


@lru_cache(maxsize=1000)
def _icon(name, size, label):
    # A page names some sixty icons, always the same few: each is put together once.
    classes = f"icon icon--{size}" if size else "icon"
    href = f"{static('img/icons.svg')}#i-{name}"
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', classes, label, href)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', classes, href)


@register.simple_tag
def stage_mark(index=0, total=1, kind="open"):
    """How far along a stage is: `index` counts from 0 over `total` stages; kind is open, won or lost."""
    share = round(100 * index / total) if total else 0
    return _stage_mark(share, "new" if kind == "open" and index == 0 else kind)


@lru_cache(maxsize=1000)
def _stage_mark(share, kind):
    return render_to_string("parts/_stage_mark.html", {"share": share, "kind": kind})


@register.simple_tag
def ring(share):
    """The ring of a clock: `share` of the time is left, 0 to 1."""
    left = round(100 * min(1, max(0, float(share))))
    return format_html(
        '<svg class="ring" viewBox="0 0 12 12" aria-hidden="true"><circle class="ring__track" cx="6" cy="6" r="4.5"/>'
        '<circle class="ring__left" cx="6" cy="6" r="4.5" pathLength="100" stroke-dasharray="{} 100"'
        ' transform="rotate(-90 6 6)"/></svg>',
        left,
    )


@register.simple_tag
def push_bar(points):
    """How far a reason pushed a score, -100 to 100, drawn from the middle."""
    points = max(-100, min(100, round(float(points))))
    return format_html(
        '<svg class="reasons__bar" viewBox="-100 0 200 6" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="reasons__zero" d="M0 0v6"/>'
        '<rect class="reasons__push{}" x="{}" width="{}" height="6"/></svg>',
        " reasons__push--down" if points < 0 else "",
        min(points, 0),
        abs(points),
    )


@register.simple_tag
def cell_bar(percent, series="1"):
    """A bar for a table cell, 0 to 100."""
    return format_html(
        '<svg class="cell-bar__bar" data-series="{}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="8"/></svg>',
        series,
        max(0, min(100, round(float(percent)))),
    )


@register.simple_tag(takes_context=True)
def appearance(context):
    """Theme and density that the reader chose, as attributes of <html>, so that no page flashes."""
    request = context.get("request")
    cookies = request.COOKIES if request else {}
    chosen = [("theme", THEMES), ("density", DENSITIES)]
    return format_html_join(
        "", ' data-{}="{}"', [(name, cookies[name]) for name, known in chosen if cookies.get(name) in known]
    )


# Figures ----------------------------------------------------------------------------------------


@register.filter
def money(cents, currency=None):
    """14700_00 -> $14,700 in the currency of the clinic at hand (or the one given); nothing is an em dash."""
    if cents is None or cents == "":
        return "—"
    return _money(int(cents), currency or currency_at_hand(), get_language())


def currency_at_hand():
    """The code of the currency in which the clinic at hand reckons."""
    return getattr(get_scope().get("clinic"), "currency", "USD")


@lru_cache(maxsize=REMEMBERED)
def _money(cents, currency, _language):
    amount = number_format(abs(cents) / 100, decimal_pos=2 if cents % 100 else 0, use_l10n=True, force_grouping=True)
    sign = "−" if cents < 0 else ""
    return f"{sign}{SYMBOLS.get(currency, currency + ' ')}{amount}"


@register.filter
def percent(share, digits=0):
    """0.683 -> 68%; nothing is an em dash."""
    if share is None or share == "":
        return "—"
    return f"{number_format(rounded(float(share) * 100, int(digits)), decimal_pos=int(digits), use_l10n=True)}%"


def rounded(value, digits):
    """A Decimal of so many digits behind the point, halves up: number_format alone would cut the rest off."""
    return Decimal(repr(round(float(value), 9))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


@register.filter
def count(number):
    """12345 -> 12,345: counts are exact, never "99+"."""
    return "—" if number is None else number_format(number, use_l10n=True, force_grouping=True)


# Dates ------------------------------------------------------------------------------------------


@register.filter
def short_date(moment):
    """As short as it stays clear: the time today, day and month this year, the year before that."""
    return moments_of_reader().short_date(moment)


@register.filter
def day_and_time(moment):
    """The time today, and the weekday with it on any other day: for what is near but not gone."""
    return moments_of_reader().day_and_time(moment)


@register.filter
def exact(moment):
    """The moment in full, for titles and for whoever hovers."""
    return moments_of_reader().exact(moment)


@register.filter
def age(moment):
    """How long ago in one word, for cards: 4 min, 3 h, 2 d, 5 wk."""
    return moments_of_reader().age(moment)


@register.filter
def lasted(span):
    """How long something took in one word: 4 min, 3 h, 2 d, 5 wk."""
    return moments_of_reader().lasted(span)


@register.simple_tag
def relative(moment):
    """A moment that reads "6 days ago" and says the exact one on hover; the short date without a script."""
    if not moment:
        return "—"
    moments = moments_of_reader()
    return format_html(
        '<relative-time datetime="{}" title="{}">{}</relative-time>',
        moments.local(moment).isoformat(),
        moments.exact(moment),
        moments.short_date(moment),
    )


# People -----------------------------------------------------------------------------------------


@register.filter
def phone(number):
    """+13125550131 -> (312) 555-0131 at home, +34 600 00 00 00 abroad; what cannot be read stays as it is."""
    return _phone(str(number or ""), getattr(get_scope().get("clinic"), "phone_region", settings.PHONE_REGION))


@lru_cache(maxsize=REMEMBERED)
def _phone(number, region):
    try:
        parsed = phonenumbers.parse(number, settings.PHONE_REGION)
    except phonenumbers.NumberParseException:
        return number
    at_home = phonenumbers.country_code_for_region(region) == parsed.country_code
    style = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)


@register.filter
def initials(name):
    """Adaeze Okonkwo-Williams -> AO; a phone number or nothing -> ?"""
    words = [word for word in str(name or "").split() if word[0].isalpha()]
    letters = words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2] if words else "?"
    return letters.upper()


@register.filter
def tint(identity):
    """One of six quiet colours, always the same for the same person."""
    return zlib.crc32(str(getattr(identity, "pk", identity)).encode()) % TINTS + 1


# The address of a list --------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def sort_query(context, field):
    """The address that sorts by `field`, or turns its order round if it is sorted by it already."""
    query = context["request"].GET.copy()
    query["sort"] = f"-{field}" if query.get("sort") == field else field
    query.pop("page", None)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def sort_state(context, field):
    """ascending, descending or none: what aria-sort says."""
    chosen = context["request"].GET.get("sort", context.get("sort", ""))
    return {field: "ascending", f"-{field}": "descending"}.get(chosen, "none")


@register.simple_tag(takes_context=True)
def active_filters(context, filterset):
    """The filters that are on, each value in words and with the address that takes it off."""
    return filters_in_words(filterset, context["request"].GET)
