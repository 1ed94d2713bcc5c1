"""The forms of allauth in the words of the house: a label above each field, and nothing written into it."""

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.utils.translation import gettext_lazy as _

RULES = _("At least 12 characters. A short sentence is easier to keep than a strange word.")


class Plain:
    """A form whose fields carry their labels outside, none of them inside."""

    labels = {}
    hints = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")


class LoginForm(Plain, account.LoginForm):
    labels = {"login": _("E-mail"), "password": _("Password"), "remember": _("Stay signed in on this computer")}
    hints = {"remember": _("Not on a shared one")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class ChangePasswordForm(Plain, account.ChangePasswordForm):
    labels = {
        "oldpassword": _("Password until now"),
        "password1": _("New password"),
        "password2": _("New password again"),
    }
    hints = {"password1": RULES}


class ResetPasswordForm(Plain, account.ResetPasswordForm):
    labels = {"email": _("E-mail")}


class ResetPasswordKeyForm(Plain, account.ResetPasswordKeyForm):
    labels = {"password1": _("New password"), "password2": _("New password again")}
    hints = {"password1": RULES}


class ReauthenticateForm(Plain, account.ReauthenticateForm):
    labels = {"password": _("Password")}


class OneAtATime:
    """A code counts once: two requests with the same recovery code stand in line."""

    def clean_code(self):
        list(Authenticator.objects.select_for_update().filter(user=self.user).order_by("pk"))
        return super().clean_code()


class CodeForm(Plain):
    labels = {"code": _("Code")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autofocus": True}


class AuthenticateForm(OneAtATime, CodeForm, mfa.AuthenticateForm):
    hints = {"code": _("From your authenticator app, or a recovery code.")}


class ReauthenticateByCodeForm(OneAtATime, CodeForm, mfa.ReauthenticateForm):
    hints = AuthenticateForm.hints


class ActivateTOTPForm(CodeForm, totp.ActivateTOTPForm):
    hints = {"code": _("The six digits that the app shows now.")}


class AddPasskeyForm(Plain, webauthn.AddWebAuthnForm):
    """A name and the key itself; every key may sign in alone, so that nobody has to choose between two kinds."""

    labels = {"name": _("Name of this passkey")}
    hints = {"name": _("So that you know it again, for instance: phone, laptop.")}

    passwordless = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)
