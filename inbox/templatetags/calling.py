"""The button that calls somebody."""

from uuid import uuid4

from django import template
from django.urls import reverse

from inbox.calling import may_be_called

register = template.Library()


@register.inclusion_tag("inbox/_call.html", takes_context=True)
def call_button(context, person, classes):
    """Puts the member through to a patient or lead, where the clinic has a line for it and they have said their number;
    else the number to dial. Pressed twice it rings once."""
    request, kind = context["request"], "patient" if hasattr(person, "segment") else "lead"
    is_put_through = bool(context["may"].inbox_reply) and may_be_called(person, by=request.member)
    return {
        "person": person,
        "is_put_through": is_put_through,
        "call_url": reverse(f"inbox:{kind}_call", args=[person.pk]) if is_put_through else "",
        "key": uuid4().hex,
        "classes": classes,
        "csrf_token": context.get("csrf_token"),
    }
