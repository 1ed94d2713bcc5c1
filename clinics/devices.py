"""Browsers in which somebody has signed in before: they keep tries of their own when strangers use up the others."""

import secrets
import unicodedata

from django.conf import settings
from django.core import signing
from django.utils.crypto import salted_hmac

COOKIE = "recare_device" if settings.LOCAL else "__Host-recare_device"
SALT = "clinics.device"
AGE = 400 * 24 * 3600  # the longest that browsers keep a cookie
ACCOUNTS = 10


def account_key(email):
    """One name for all spellings of an address: case, accents, width and look-alike letters do not make another."""
    letters = (letter for letter in unicodedata.normalize("NFKD", email.strip()) if not unicodedata.combining(letter))
    folded = "".join(letters).upper().casefold()
    return salted_hmac(SALT, folded, algorithm="sha256").hexdigest()[:32]


def known_device(request, email):
    """The id of this browser if the account was signed in to with it before, else "strangers"."""
    device, accounts = _read(request)
    return device if account_key(email) in accounts else "strangers"


def remember_device(request, response, user):
    """Leave a signed cookie that says: this account was signed in to with this browser."""
    device, accounts = _read(request)
    accounts = [*(each for each in accounts if each != account_key(user.email)), account_key(user.email)][-ACCOUNTS:]
    value = signing.dumps([device or secrets.token_urlsafe(12), accounts], salt=SALT)
    response.set_cookie(COOKIE, value, max_age=AGE, secure=not settings.LOCAL, httponly=True, samesite="Lax")


def _read(request):
    try:
        return signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=AGE)
    except signing.BadSignature:
        return "", []
