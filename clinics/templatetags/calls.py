"""The button that calls somebody."""

from uuid import uuid4

from django import template
from django.conf import settings
from django.utils.module_loading import import_string

register = template.Library()


@register.inclusion_tag("parts/_call.html", takes_context=True)
def call_button(context, person, classes, words="", key="", name="", in_row=False):
    """Puts the member through to a person with phone_e164, where the clinic has a line for it and they have said their
    own number; else the number to dial. Pressed twice it rings once.

    `words` stand on the button, else its icon alone; `key` presses it (`in_row`: only while the cursor is in its row);
    `name` is said for a screen reader.
    """
    return {
        "person": person,
        "call_url": _call_url(context["request"], person),
        "once": uuid4().hex,
        "classes": classes,
        "words": words,
        "key": key,
        "key_of": "data-row-key" if in_row else "data-key",
        "name": name,
        "csrf_token": context.get("csrf_token"),
    }


def _call_url(request, person):
    """Where a POST puts the member through to a person, "" if nowhere; whether they can be is asked once a page."""
    if not hasattr(request, "call_url"):
        request.call_url = import_string(settings.CALLS)(request.member)
    return request.call_url(person)
