"""The second factor: secrets sealed at rest, and clinics that let nobody in without one."""

from urllib.parse import urlparse

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.encryption import Sealed, current_key_id, seal, unseal
from clinics.pages import go_to

PLACE = ("mfa_authenticator", "data")
STRONG = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
# Pages that somebody without a factor needs in order to get one, or to get away.
OPEN_APPS = ("account_", "mfa_")
OPEN_PAGES = {"clinics:clinic_switch", "clinics:language_choose"}


def factors_of(user):
    """The second factors that a person has."""
    return Authenticator.objects.filter(user=user).order_by("type", "pk")


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("This code is not right, or no longer."),
    }

    def encrypt(self, text):
        return seal(text, PLACE).token

    def decrypt(self, encrypted_text):
        return unseal(Sealed(encrypted_text), PLACE)

    def get_public_key_credential_rp_entity(self):
        """Passkeys belong to the address of the installation, whatever name a request came in under."""
        return {"id": urlparse(settings.BASE_URL).hostname, "name": "Recare"}


def has_second_factor(user):
    """Tell whether somebody has an authenticator app or a passkey."""
    return Authenticator.objects.filter(user=user, type__in=STRONG).exists()


def those_with_second_factor(user_ids):
    """Of many people, the ids of those who have one."""
    return set(Authenticator.objects.filter(user_id__in=user_ids, type__in=STRONG).values_list("user_id", flat=True))


class SecondFactorMiddleware:
    """Lead members of a clinic that asks for a second factor to setting one up, before any of its pages."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.member is None or not request.clinic.requires_second_factor or is_open(request, view):
            return None
        if has_second_factor(request.user):
            return None
        if request.htmx:
            return go_to(request, reverse("mfa_index"))
        messages.info(request, _("%(clinic)s asks for a second factor. Add one to go on.") % {"clinic": request.clinic})
        return redirect("mfa_index")


def is_open(request, view):
    """Tell whether a page may be seen without a second factor: those before the login, and those that set one up."""
    match = request.resolver_match
    is_account_page = not match.namespaces and (match.url_name or "").startswith(OPEN_APPS)
    return is_account_page or match.view_name in OPEN_PAGES or not getattr(view, "login_required", True)


def sealed_factors_on_old_keys():
    """The authenticators with a secret that is sealed under another than the current key."""
    return [row for row in Authenticator.objects.order_by("pk") if any(map(_is_old, _secrets(row.data)))]


@transaction.atomic
def reseal_factor(pk):
    """Seal the secrets of one authenticator anew under the current key. Raises CannotUnseal."""
    row = Authenticator.objects.select_for_update().get(pk=pk)
    row.data = {key: _reseal(value) for key, value in row.data.items()}
    row.save(update_fields=["data"])


def _secrets(data):
    for value in data.values():
        yield from (each for each in (value if isinstance(value, list) else [value]) if _is_sealed(each))


def _is_sealed(value):
    return isinstance(value, str) and value.startswith("v1:")


def _is_old(token):
    return Sealed(token).key_id != current_key_id()


def _reseal(value):
    if isinstance(value, list):
        return [_reseal(each) for each in value]
    return seal(unseal(Sealed(value), PLACE), PLACE).token if _is_sealed(value) else value
