"""Signing in with a passkey and nothing else: the challenge that the browser needs, in the button that uses it."""

import json

from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.contrib.auth.decorators import login_not_required
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from clinics.pages import page


@login_not_required
@never_cache
@require_GET
def passkey_sign_in(request):
    options = json.dumps({"request_options": begin_authentication(user=None)})
    return page(request, "clinics/passkey_sign_in.html", {"options": options}, part="passkey")
