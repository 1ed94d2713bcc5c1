"""The door in the wall: nothing else may set `app.clinic_id`."""

from contextlib import contextmanager, nullcontext, suppress
from functools import cache

from celery import Task
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.http import StreamingHttpResponse
from django.urls import Resolver404, URLPattern, get_resolver, resolve
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from clinics.models import ApiToken, Clinic, ClinicUser, WebhookConnection
from clinics.models.base import current_clinic_id
from clinics.questions import Question
from clinics.requests import digest, note_token, token_digest_in

SESSION_KEY = "clinic"
PROBES = frozenset({"/healthz", "/readyz"})  # answered before any session, transaction or clinic
SETTINGS = ("app.clinic_id", "app.user_id", "app.token_digest", "app.hook")
SETTINGS_NOW = "SELECT " + ", ".join(["coalesce(current_setting(%s, true), '')"] * len(SETTINGS))
SETTINGS_AGAIN = "SELECT " + ", ".join(["set_config(%s, %s, true)"] * len(SETTINGS))


class NestedClinic(RuntimeError):
    """Raised when one clinic's scope is asked for inside another's."""


@contextmanager
def clinic_scope(clinic):
    """Open one clinic, by row or id, in one transaction: inside, both walls show its rows and no others.

    Re-entering the same clinic is free. Raises NestedClinic inside another clinic.
    """
    clinic_id = getattr(clinic, "pk", clinic)
    open_id = current_clinic_id()
    if open_id is not None and str(open_id) != str(clinic_id):
        raise NestedClinic(f"{clinic_id} inside {open_id}")
    if open_id is not None and connection.in_atomic_block:
        yield
        return
    with _transaction():
        before = _set_locally("app.clinic_id", str(clinic_id))
        if before not in ("", str(clinic_id)):
            raise NestedClinic(f"{clinic_id} inside {before}")
        with scope(clinic=clinic):
            yield


@contextmanager
def _transaction():
    """One transaction whose settings end with it.

    A savepoint that is released would leave its settings to the rest of the outer transaction: they are put back. One
    that is rolled back loses them by itself.
    """
    is_nested = connection.in_atomic_block
    with transaction.atomic():
        before = _settings() if is_nested else ()
        yield
        if is_nested and not connection.needs_rollback:
            _put_back(before)


def _settings():
    """What each of the settings says now."""
    with connection.cursor() as cursor:
        cursor.execute(SETTINGS_NOW, SETTINGS)
        return cursor.fetchone()


def _put_back(values):
    with connection.cursor() as cursor:
        cursor.execute(SETTINGS_AGAIN, [each for pair in zip(SETTINGS, values, strict=True) for each in pair])


def _set_locally(name, value):
    """Set for this transaction only, since a session's setting leaks to the connection's next user; return what was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting(%s, true), ''), set_config(%s, %s, true)", [name, name, value])
        return cursor.fetchone()[0]


def _enter(user_id, clinic_id):
    """Say who asks, and for which clinic, in one statement of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.user_id', %s, true), set_config('app.clinic_id', %s, true)",
            [str(user_id), str(clinic_id)],
        )


def on_commit_in_clinic(function, *args, **kwargs):
    """Call `function` after the commit, inside the clinic that is open now."""
    clinic_id = current_clinic_id()

    def enter():
        with clinic_scope(clinic_id):
            function(*args, **kwargs)

    transaction.on_commit(enter)


def stream_in_clinic(parts, clinic):
    """Yield the parts of a streamed answer with the clinic open while each is made."""
    with clinic_scope(clinic):
        yield from parts


class ClinicTask(Task):
    """A Celery task of one clinic: its first argument is the clinic's id, and its body runs inside that clinic.

    Raises Clinic.DoesNotExist for an unknown or closed clinic, before any work is done.
    """

    autoretry_for = (Exception,)
    dont_autoretry_for = (Clinic.DoesNotExist,)
    max_retries = 5
    retry_backoff = 5
    retry_backoff_max = 600

    def __call__(self, clinic_id, *args, **kwargs):
        clinic = Clinic.objects.get(pk=clinic_id, is_active=True)
        door = clinic_scope(clinic) if self.in_one_transaction else nullcontext()
        with timezone.override(clinic.zone), door:
            return super().__call__(clinic, *args, **kwargs)

    in_one_transaction = True


def memberships_of(user):
    """The clinics that somebody works for: asked before a clinic is chosen."""
    return MEMBERSHIPS.rows(user=user.pk)


def _memberships(user):
    with scopes_disabled():
        members = ClinicUser.objects.filter(user=user, is_active=True, clinic__is_active=True)
    return members.select_related("clinic", "user").order_by("clinic__name", "pk")


MEMBERSHIPS = Question(_memberships, across_clinics=True)


def token_of(digest):
    """The standing API token with this digest, its member and clinic at hand, or None; the clinic stays open.

    The one other question before a clinic is chosen. A token says by itself which clinic it opens, and a digest that
    nobody has opens none; nor does the token of a closed clinic, or of somebody who left.
    """
    _set_locally("app.token_digest", digest)
    with scopes_disabled():
        token = ApiToken.objects.standing().filter(token_digest=digest, clinic__is_active=True).first()
        if token is None:
            return None
        _set_locally("app.clinic_id", str(token.clinic_id))
        member = ClinicUser.objects.active().select_related("user", "clinic").filter(pk=token.member_id).first()
    if member is None:
        _set_locally("app.clinic_id", "")
        return None
    token.member = member
    return token


def connection_at(token):
    """The connection, with its clinic, whose address ends in this token; None if there is none or it is out of use.

    One more question that is asked before a clinic is known. The database shows the one row whose digest was asked
    for, for as long as this takes.
    """
    token_digest = digest(token)
    _set_locally("app.hook", token_digest)
    with scopes_disabled():
        connections = WebhookConnection.objects.active().select_related("clinic")
        found = connections.filter(token_digest=token_digest, clinic__is_active=True).first()
    _set_locally("app.hook", "")
    return found


def outside_clinics(view):
    """Mark a page that belongs to no clinic at hand, because it opens another one for itself."""
    view.is_outside_clinics = True
    return view


@cache
def _ways_outside():
    """How the paths of such pages begin, so that no other path has to be looked up twice."""
    return tuple({f"/{route.partition('<')[0]}" for route, view in _routes(get_resolver()) if _marked(view)})


def _routes(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern.callback
        else:
            yield from _routes(pattern, route)


def _marked(view):
    return getattr(view, "is_outside_clinics", False)


def _is_outside(request):
    if not request.path_info.startswith(_ways_outside()):
        return False
    with suppress(Resolver404):
        return _marked(resolve(request.path_info).func)
    return False


class ClinicMiddleware:
    """Open ONE transaction, and the clinic that the member chose, around the whole answer, rendering included.

    What a view wrote before it raised, or answered with a 5xx, is rolled back.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.clinic = request.member = request.api_token = None
        request.member_clinics = []
        with _transaction():
            if (digest := token_digest_in(request)) is not None:
                self._choose_by_token(request, digest)
            elif request.user.is_authenticated:
                if _is_outside(request):
                    _set_locally("app.user_id", str(request.user.pk))
                else:
                    self._choose(request)
            if request.member is None:
                return self._answer(request)
            with scope(clinic=request.clinic), timezone.override(request.clinic.zone):
                return self._answer(request)

    def process_exception(self, request, exception):
        """The page that reports the error may still ask the database; only then is everything taken back."""
        request.view_raised = True

    def _choose_by_token(self, request, digest):
        """A token speaks for its member in its clinic, whoever is logged in to the browser that sent it."""
        request.user = AnonymousUser()
        request.api_token = token = token_of(digest)
        if token is not None:
            request.member, request.user, request.clinic = token.member, token.member.user, token.member.clinic
            note_token(token)

    def _choose(self, request):
        """Open the clinic that the session remembers, if its member still works there, or else another one of theirs.

        The session's clinic is set together with the person, a statement less; nothing but the question for this
        person's own memberships is asked before it is confirmed, or taken back.
        """
        wanted = request.session.get(SESSION_KEY)
        _enter(request.user.pk, wanted or "")
        memberships = memberships_of(request.user)
        request.member_clinics = [membership.clinic for membership in memberships]
        chosen = next((each for each in memberships if str(each.clinic_id) == wanted), None) or next(
            iter(memberships), None
        )
        if chosen is None or wanted != str(chosen.clinic_id):
            _set_locally("app.clinic_id", str(chosen.clinic_id) if chosen else "")
        if chosen is None:
            return
        request.member, request.clinic = chosen, chosen.clinic
        if wanted != str(chosen.clinic_id):
            request.session[SESSION_KEY] = str(chosen.clinic_id)

    def _answer(self, request):
        response = self.get_response(request)
        if hasattr(response, "render") and callable(response.render):
            response = response.render()
        if isinstance(response, StreamingHttpResponse) and not response.is_async and request.clinic:
            response.streaming_content = stream_in_clinic(response.streaming_content, request.clinic)
        if response.status_code >= 500 or getattr(request, "view_raised", False):
            transaction.set_rollback(True)
        return response
