"""Pages for people without a login, answered before session, login and the request's own transaction.

They must open while the database is away, at least to say so and to keep what was typed; and an inquiry costs no more
than it has to. Each opens the clinic of its token for itself, in a transaction of its own.
"""

from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.urls import Resolver404, resolve
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt

from clinics.tenancy import outside_clinics

PATHS = ("/f/", "/b/", "/p/", "/s/")


def public_door(view):
    """Mark a page that PublicDoorMiddleware answers. It has neither session nor CSRF cookie to protect it."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if not getattr(response, "xframe_options_exempt", False):
            response.headers.setdefault("X-Frame-Options", "DENY")
        add_never_cache_headers(response)
        return response

    guarded.is_public_door = True
    return csrf_exempt(login_not_required(outside_clinics(guarded)))


class PublicDoorMiddleware:
    """Hand requests for public pages straight to their views; everything else goes on."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info.startswith(PATHS):
            match = self._door(request)
            if match is not None:
                request.get_host()  # raises DisallowedHost for a name that is not ours
                request.resolver_match = match
                return match.func(request, *match.args, **match.kwargs)
        return self.get_response(request)

    def _door(self, request):
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return None
        return match if getattr(match.func, "is_public_door", False) else None
