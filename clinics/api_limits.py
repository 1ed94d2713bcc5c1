"""How often a program may ask: a number of requests a minute for each token, each session and each unknown address."""

import time

from django.conf import settings
from django.utils.translation import gettext as _

from clinics.api_problems import Problem
from clinics.requests import address_of
from clinics.throttling import count_one_more

WINDOW = 60  # seconds
STRANGERS = 5  # whoever sends no token that is known gets the fifth part


def count_request(request):
    """Count this request and return the headers that say how many are left; raises Problem 429 when none is.

    Counted in the cache, outside of the transaction, so that what is rolled back counts too and no request waits for
    another of the same token.
    """
    limit = settings.API_REQUESTS_A_MINUTE if request.member else settings.API_REQUESTS_A_MINUTE // STRANGERS
    resets_in = WINDOW - int(time.time() % WINDOW)
    used = count_one_more(f"api:{_who(request)}", seconds=WINDOW)
    headers = {
        "RateLimit-Limit": str(limit),
        "RateLimit-Remaining": str(max(0, limit - used)),
        "RateLimit-Reset": str(resets_in),
    }
    if used > limit:
        words = _("At most %(count)s requests a minute. Try again in %(seconds)s seconds.")
        detail = words % {"count": limit, "seconds": resets_in}
        raise Problem(429, detail=detail, headers=headers | {"Retry-After": str(resets_in)})
    return headers


def _who(request):
    if request.api_token is not None:
        return f"token:{request.api_token.pk}"
    return f"member:{request.member.pk}" if request.member else f"address:{address_of(request)}"
