"""How long a login lasts: idle and absolute limits kept on the server, and the ways in which a session is ended early.

Only what a person does extends a session: opening a page, sending a form. The live stream, and what a page fetches
again by itself (header `X-Background`, see static/js/requests.js), do not.
"""

import time
from urllib.parse import quote

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY as USER_KEY
from django.contrib.auth import logout
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import ClinicUser
from clinics.requests import token_digest_in
from clinics.tenancy import PROBES, SESSION_KEY, clinic_scope

BEGUN, SEEN = "begun_at", "seen_at"
SEEN_EVERY = 30  # seconds: a busy session is not written with every request


def begin_session(session):
    """Start both clocks of a session."""
    session[BEGUN] = session[SEEN] = int(time.time())


def is_over(session):
    """Tell whether a logged-in session has been idle, or has lasted, for too long."""
    now = time.time()
    is_idle = now - session.get(SEEN, now) >= settings.SESSION_IDLE_MINUTES * 60
    return is_idle or now - session.get(BEGUN, now) >= settings.SESSION_COOKIE_AGE


def is_alive(session_key):
    """Tell whether a session still stands, for whoever holds a long connection: ended, idle and expired ones do not."""
    session = SessionStore(session_key)
    return USER_KEY in session and not is_over(session)


def end_sessions(user, *, clinic=None, but=None):
    """End a person's sessions at their next request: all of them, or those at work in `clinic`, `but` one key."""
    for row in UserSession.objects.filter(user=user).exclude(session_key=but):
        if clinic is None or SessionStore(row.session_key).get(SESSION_KEY) == str(clinic.pk):
            row.end()


def forget_ended_sessions():
    """Remove the traces of sessions that are over."""
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


class SessionLimitMiddleware:
    """Sign out whoever was away too long, and note who is here; htmx is sent to the sign-in page as a whole."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # A program with a token is no session, even where a browser sends its cookie along.
        if request.path_info in PROBES or token_digest_in(request) is not None:
            return self.get_response(request)
        if USER_KEY in request.session and is_over(request.session):
            logout(request)
            messages.info(request, _("You were signed out because nobody was at work here for a while."))
        was_away = USER_KEY in request.session and self._note_presence(request)
        response = self.get_response(request)
        if USER_KEY in request.session and BEGUN not in request.session:
            begin_session(request.session)
            UserSession.objects.create_from_request(request)
        if was_away:
            self._mark_seen(request)
        if USER_KEY in request.session:  # the back button must not show a desk that was left
            response.headers.setdefault("Cache-Control", "no-store")
        return self._whole_page_sign_in(request, response)

    def _note_presence(self, request):
        if is_background(request) or BEGUN not in request.session:
            return False
        was_away = time.time() - request.session.get(SEEN, 0) >= SEEN_EVERY
        if was_away:
            request.session[SEEN] = int(time.time())
        return was_away

    def _mark_seen(self, request):
        """After the answer and outside its transaction, so that no page waits for another of the same person."""
        now = timezone.now()
        UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=now)
        member = getattr(request, "member", None)
        if member is not None:
            with clinic_scope(request.clinic):
                ClinicUser.objects.filter(pk=member.pk).update(last_seen_at=now)

    def _whole_page_sign_in(self, request, response):
        sign_in = resolve_url(settings.LOGIN_URL)
        if not request.htmx or response.status_code != 302 or not response.url.startswith(sign_in):
            return response
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = f"{sign_in}?next={quote(request.htmx.current_url_abs_path or '/')}"
        return answer


def is_background(request):
    """Tell whether the browser asked by itself, without anybody doing anything."""
    if request.method not in ("GET", "HEAD"):
        return False
    return "X-Background" in request.headers or "text/event-stream" in request.headers.get("Accept", "")
