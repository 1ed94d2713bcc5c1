"""What the frame around every staff page shows: navigation, bell, clinics to switch to, permissions."""

from functools import cache, partial

from django.conf import settings
from django.utils.module_loading import import_string

from clinics.access import Allowed
from clinics.models import StaffNotification


def shell(request):
    """Context processor: empty for people who are not at work in a clinic.

    A part of a page asks for none of it, so what costs a query is a function, which the template calls if it needs it.
    """
    member = getattr(request, "member", None)
    if member is None:
        return {"may": Allowed(None)}
    return {
        "may": Allowed(member),
        "nav": cache(partial(navigation, request)),
        "member_clinics": request.member_clinics,
        "unread_notifications": cache(StaffNotification.objects.of(member).unread().order_by().count),
        "styleguide": settings.STYLEGUIDE,
    }


def navigation(request):
    """The sections of the side navigation with the entries that this member may open."""
    sections = []
    for section in import_string(settings.NAVIGATION):
        items = [item.shown(request) for item in section.items if item.is_open_to(request.member)]
        if items:
            sections.append({"title": section.title, "items": items})
    return sections
