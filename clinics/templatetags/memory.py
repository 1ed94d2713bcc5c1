"""Drawing what always looks the same only once: parts of a page that depend on a few plain words alone."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.translation import get_language

register = template.Library()

DRAWN_AT_MOST = 8192  # parts; most are cells of a few hundred bytes


@register.simple_tag
def drawn(template_name, **facts):
    """The part as its facts make it look, from memory if it was drawn from equal ones before.

    The part sees nothing but the facts, which must be hashable: no request, no clinic, no member. So whatever is
    remembered of one reader can only be what the same words would look like to any other. Filters that ask for the
    clinic at hand (money, phone, dates) have no place in it.
    """
    return draw(template_name, facts, get_language())


def draw(template_name, facts, language):
    """The same for code that draws many parts in the `language` that is active, and asks for it once."""
    return _drawn(template_name, tuple(facts.items()), language)


@lru_cache(maxsize=DRAWN_AT_MOST)
def _drawn(template_name, facts, _language):
    return render_to_string(template_name, dict(facts))
