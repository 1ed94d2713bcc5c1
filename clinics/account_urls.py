"""The pages of allauth that are used here; the others do not exist: the profile shows one's sessions, for instance."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.urls import include, path, re_path


@login_not_required
def closed(request, **kwargs):
    """Nobody signs up, and an address changes only by a new invitation."""
    raise Http404


urlpatterns = [
    path("signup/", closed, name="account_signup"),
    path("email/", closed, name="account_email"),
    re_path("^confirm-email/", closed, name="account_email_verification_sent"),
    path("password/set/", closed, name="account_set_password"),
    path("login/code/confirm/", closed, name="account_confirm_login_code"),
    path("sessions/", closed, name="usersessions_list"),
    path("", include("allauth.urls")),
]
