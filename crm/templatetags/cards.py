"""Drawing the cards of the board: one that says the same as before is drawn from memory."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.translation import get_language

register = template.Library()

DRAWN_AT_MOST = 4096  # cards, some four megabytes


@register.simple_tag
def lead_card(card, arriving=False):
    """The card of a lead (crm.cards.Card); `arriving` says in which column it belongs, as it is drawn away from it."""
    return _drawn(card, str(card.stage.pk) if arriving else "", get_language())


@lru_cache(maxsize=DRAWN_AT_MOST)
def _drawn(card, stage, _language):
    # Everything that is printed is part of the card, so that no other lead, clinic or moment can get this drawing.
    return render_to_string("crm/_lead_card.html", {"card": card, "stage": stage})
