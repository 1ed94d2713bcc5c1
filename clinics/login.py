"""Signing in with allauth: by invitation only, ten tries a quarter of an hour, and nothing that tells who is known."""

import uuid

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from clinics.background import wake_outside
from clinics.devices import account_key, known_device, remember_device
from clinics.mail import mail_later
from clinics.sessions import SEEN, SEEN_EVERY, begin_session, end_sessions
from clinics.tenancy import PROBES

LANGUAGES = dict(settings.LANGUAGES)
PASSWORD_LINK = "clinics.tasks.mail_password_link"  # noqa: S105 - the name of a task

# What allauth tells a person by mail after the fact.
NOTICES = {
    "account/email/password_changed": _("Your password was changed"),
    "account/email/password_reset": _("Your password was set anew"),
    "account/email/password_set": _("A password was set"),
    "mfa/email/totp_activated": _("An authenticator app was added"),
    "mfa/email/totp_deactivated": _("The authenticator app was removed"),
    "mfa/email/webauthn_added": _("A passkey was added"),
    "mfa/email/webauthn_removed": _("A passkey was removed"),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made"),
}


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: staff are invited and clients are invited."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The e-mail address and the password do not belong together."),
        "too_many_login_attempts": _("Too many tries. Wait 15 minutes, or set a new password."),
        "incorrect_password": _("This is not your password."),
        "invalid_password_reset": _("This link was used already or has expired."),
    }

    def is_open_for_signup(self, request):
        return False

    def get_client_ip(self, request):
        """The address of the connection: what the client says about itself (X-Forwarded-For) is not asked."""
        return request.META.get("REMOTE_ADDR") or "::"

    # Tries ------------------------------------------------------------------------------------------

    def pre_authenticate(self, request, **credentials):
        """Count the try before the password is looked at, one try of an account at a time."""
        with connection.cursor() as cursor:
            key = self._get_login_attempts_cache_key(request, **credentials)
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        super().pre_authenticate(request, **credentials)

    def _get_login_attempts_cache_key(self, request, **credentials):
        email = credentials.get("email", "")
        return f"{account_key(email)}:{known_device(request, email)}"

    def reauthenticate(self, user, password):
        return self.authenticate(self.request, email=user.email, password=password) == user

    # Sessions ---------------------------------------------------------------------------------------

    def login(self, request, user):
        """Sign in with fresh clocks, the one of presence a little slow: the first page then notes who is here."""
        super().login(request, user)
        begin_session(request.session)
        request.session[SEEN] -= SEEN_EVERY

    def post_login(self, request, user, **kwargs):
        response = super().post_login(request, user, **kwargs)
        remember_device(request, response, user)
        if user.language in LANGUAGES:
            keep_language(response, user.language)
        return response

    def get_password_change_redirect_url(self, request):
        return reverse("clinics:profile") if request.member else reverse("home")

    # Mail -------------------------------------------------------------------------------------------

    def send_password_reset_mail(self, user, email, context):
        """A worker writes it, link and all: known and unknown addresses are answered equally fast."""
        wake_outside(PASSWORD_LINK, user.pk, translation.get_language())

    def send_mail(self, template_prefix, email, context):
        if template_prefix != "account/email/unknown_account":
            raise ImproperlyConfigured(f"Nobody has written the mail {template_prefix}.")
        wake_outside(PASSWORD_LINK, uuid.uuid4(), translation.get_language())

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """Whatever guards the account has changed: tell its owner, and end their other sessions."""
        end_sessions(user, but=self.request.session.session_key)
        mail_later(
            "account_notice",
            user.email,
            subject=NOTICES[template_prefix],
            language=user.language or translation.get_language(),
            moment=timezone.now(),
            ip_address=self.get_client_ip(self.request),
            browser=self.get_http_user_agent(self.request)[:120],
        )


def keep_language(response, language):
    """Remember the language in the browser, for the pages before the login."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


class LanguageMiddleware:
    """Speak the language that the person chose, whatever browser they sit at."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info in PROBES:
            return self.get_response(request)
        if request.user.is_authenticated and request.user.language in LANGUAGES:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)
