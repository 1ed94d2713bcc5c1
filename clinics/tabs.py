"""Two tabs, two clinics, one person: what was drawn for one clinic may not act in the other.

Every page names its clinic with what it sends (static/js/requests.js), and changing clinics changes the CSRF token, so
that a form of the clinic left behind is refused even where no script ran.
"""

from django.contrib import messages
from django.shortcuts import render
from django.utils.translation import gettext as _

HEADER, FIELD = "X-Clinic", "_clinic"


class StaleTabMiddleware:
    """Answer 409 to what a page of another clinic than the one at hand sends."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.clinic is not None and self._named(request) not in ("", str(request.clinic.pk)):
            return stale_page(request)
        return self.get_response(request)

    def _named(self, request):
        if request.method in ("GET", "HEAD") or HEADER in request.headers:
            return request.headers.get(HEADER, "")
        return request.POST.get(FIELD, "")


def stale_page(request):
    """The page that says so; htmx goes to the start of the clinic at hand, which says it in a toast."""
    response = render(request, "clinics/other_clinic.html", status=409)
    if request.htmx:
        said = _("You switched to %(clinic)s in another tab. Nothing was changed.") % {"clinic": request.clinic}
        messages.info(request, said)
        response["HX-Redirect"] = "/"
    return response
