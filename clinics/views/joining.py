"""The page behind the link of an invitation. Looking at it changes nothing: mail scanners look, too."""

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clinics.devices import remember_device
from clinics.errors import RuleBroken
from clinics.forms.members import JoinForm
from clinics.invitations import accept_invitation, find_open
from clinics.models import Clinic, User
from clinics.rows import row_of
from clinics.tenancy import SESSION_KEY, clinic_scope, outside_clinics


@outside_clinics
@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def invitation_accept(request, clinic_id, token):
    """Show the clinic and the role; accept on POST, as the person who is signed in or as a new one."""
    clinic = row_of(Clinic.objects.in_use(), clinic_id)
    if clinic is None:
        return _closed(request)
    with clinic_scope(clinic):
        invitation = find_open(token)
        if invitation is None:
            return _closed(request)
        return _meet(request, clinic, invitation)


def _meet(request, clinic, invitation):
    known = User.objects.who_has(invitation.email)
    if known is not None and not known.is_active:
        return _closed(request)
    form = JoinForm(request.POST or None, email=invitation.email) if known is None else None
    is_other = request.user.is_authenticated and request.user != known
    if request.method == "POST" and not is_other:
        if known is not None and not request.user.is_authenticated:
            return redirect_to_login(request.path)
        if known is not None or form.is_valid():
            return _accept(request, clinic, invitation, user=known, **(form.cleaned_data if form else {}))
    context = {"clinic_name": clinic.name, "invitation": invitation, "known": known, "form": form, "is_other": is_other}
    return render(request, "clinics/invitation_accept.html", context, status=422 if form and form.is_bound else 200)


def _accept(request, clinic, invitation, **person):
    try:
        with transaction.atomic():
            member = accept_invitation(invitation, **person)
    except RuleBroken:
        return _closed(request)
    if not request.user.is_authenticated:
        get_adapter(request).login(request, member.user)
    request.session[SESSION_KEY] = str(clinic.pk)
    response = redirect("home")
    remember_device(request, response, member.user)
    return response


def _closed(request):
    """One answer to unknown, used, withdrawn, expired and foreign links."""
    return render(request, "clinics/invitation_closed.html", status=404)
