"""One's own page: name and language, notices, how one signs in, and where one is signed in."""

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics.access import staff_page
from clinics.browsers import describe
from clinics.forms.profile import NotificationsForm, ProfileForm
from clinics.login import keep_language
from clinics.models import ApiToken, User
from clinics.pages import page, toast
from clinics.people import change_language, change_notifications, change_person
from clinics.second_factor import factors_of
from clinics.sessions import end_sessions
from clinics.views.absences import away_of


@require_http_methods(["GET", "POST"])
@staff_page(None)
def profile(request):
    initial = {"language": request.user.language or request.LANGUAGE_CODE}
    person = get_object_or_404(User, pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=person, initial=initial)
    if request.method == "POST" and form.is_valid():
        person = change_person(person, by=request.member, **form.cleaned_data)
        toast(request, _("Your profile is saved"))
        response = redirect("clinics:profile")
        keep_language(response, person.language)
        return response
    context = {
        "form": form,
        **away_of(request.member),
        "notifications_form": NotificationsForm(member=request.member),
        "factors": factors_of(request.user),
        "tokens": ApiToken.objects.of(request.member).kept().for_list(),
        "sessions": [describe(session, request) for session in UserSession.objects.purge_and_list(request.user)],
    }
    return page(request, "clinics/profile.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff_page(None)
def profile_notifications(request):
    form = NotificationsForm(request.POST, member=request.member)
    if not form.is_valid():
        toast(request, next(iter(form.errors.values()))[0], level="error")
        return redirect("clinics:profile")
    change_notifications(request.member, **form.cleaned_data)
    toast(request, _("Your notices are set"))
    return redirect("clinics:profile")


@require_POST
@staff_page(None)
def session_end(request, pk):
    """End one of one's own sessions, not the one at hand: that is what signing out is for."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    if session.session_key == request.session.session_key:
        raise Http404
    session.end()
    toast(request, _("That session is ended"))
    return redirect("clinics:profile")


@require_POST
@staff_page(None)
def session_end_others(request):
    """End all of one's own sessions but the one at hand."""
    end_sessions(request.user, but=request.session.session_key)
    toast(request, _("You are signed out everywhere else"))
    return redirect("clinics:profile")


@login_not_required
@require_POST
def language_choose(request):
    """Go on in another language, in this browser and, if somebody is signed in, for this person."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        raise Http404
    if request.user.is_authenticated:
        change_language(request.user, language)
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    response = redirect(wanted if is_ours and wanted else resolve_url("home"))
    keep_language(response, language)
    return response
