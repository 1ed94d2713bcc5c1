"""Who asks the API and what they may: a member by the session of their browser, or by a token with fewer rights."""

from django.utils.translation import gettext as _
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from clinics.access import EVERY_CODE, may
from clinics.api_problems import Problem
from clinics.second_factor import has_second_factor

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Recare"'}


def allows(request, code):
    """Tell whether the asker holds a permission code: the member must, and the token, if one speaks for them."""
    token = request.api_token
    return may(request.member, code) and (token is None or code in token.scopes)


def check_asker(request):
    """Raise Problem 401 if nobody stands behind a request, 403 where the clinic lets them in no further."""
    if request.member is None:
        said = _("This token is unknown, has expired or was revoked.") if "Authorization" in request.headers else ""
        raise Problem(401, detail=said, headers=CHALLENGE)
    if request.api_token is None and check_csrf(request):
        raise Problem(403, "csrf", _("A browser's session must send its CSRF token in X-CSRFToken."))
    if request.clinic.requires_second_factor and not has_second_factor(request.user):
        raise Problem(403, "second-factor-missing", _("This clinic asks for a second factor. Add one in your profile."))


def check_code(request, code):
    """Raise Problem 403, with the code by its name, unless the asker holds it."""
    if not allows(request, code):
        raise Problem(403, detail=_("This asks for the permission %(code)s.") % {"code": code}, permission=code)


class NeedsCode:
    """What lets a request into an operation; `code` is the permission that its table names."""

    def __init__(self, code):
        super().__init__()
        if code not in EVERY_CODE:
            raise KeyError(code)
        self.code = code

    def __call__(self, request):
        if (request.api_token is not None) != self.is_for_tokens:
            return None
        check_code(request, self.code)
        return request.member

    def authenticate(self, request, token):
        """The gate has done it."""
        return request.member


class Token(NeedsCode, HttpBearer):
    """Authorization: Bearer …"""

    is_for_tokens = True
    openapi_description = "A personal API token, made in one's profile. It may do what its scopes say, and no more."


class Session(NeedsCode, APIKeyCookie):
    """The browser of somebody who is logged in; what changes anything sends X-CSRFToken along."""

    is_for_tokens = False
    param_name = "recare_session"
    openapi_description = "The session of a browser. Requests that change anything send X-CSRFToken along."


def needs(code):
    """The `auth` of an operation that asks for a permission code."""
    return [Token(code), Session(code)]
