"""The forms of the house in the places of those that allauth brings."""

ACCOUNT_FORMS = {
    "login": "clinics.forms.login.LoginForm",
    "change_password": "clinics.forms.login.ChangePasswordForm",
    "reset_password": "clinics.forms.login.ResetPasswordForm",
    "reset_password_from_key": "clinics.forms.login.ResetPasswordKeyForm",
    "reauthenticate": "clinics.forms.login.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": "clinics.forms.login.AuthenticateForm",
    "reauthenticate": "clinics.forms.login.ReauthenticateByCodeForm",
    "activate_totp": "clinics.forms.login.ActivateTOTPForm",
    "add_webauthn": "clinics.forms.login.AddPasskeyForm",
}
