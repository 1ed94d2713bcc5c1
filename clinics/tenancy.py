"""The door in the wall: nothing else may set `app.clinic_id`."""

from contextlib import contextmanager
from functools import partial

from celery import Task
from django.db import connection, transaction
from django.http import StreamingHttpResponse
from django_scopes import scope, scopes_disabled

from clinics.models import Clinic, ClinicUser
from clinics.models.base import current_clinic_id

SESSION_KEY = "clinic"


class NestedClinic(RuntimeError):
    """Raised when one clinic's scope is asked for inside another's."""


def _set_locally(name, value):
    """Set for this transaction only (a session's setting would leak to the connection's next user); return what was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting(%s, true), ''), set_config(%s, %s, true)", [name, name, value])
        return cursor.fetchone()[0]


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
    is_nested = connection.in_atomic_block
    with transaction.atomic():
        before = _set_locally("app.clinic_id", str(clinic_id))
        if before not in ("", str(clinic_id)):
            raise NestedClinic(f"{clinic_id} inside {before}")
        try:
            with scope(clinic=clinic):
                yield
        finally:
            # A released savepoint would keep the inner setting for the rest of the outer transaction.
            if is_nested and not connection.needs_rollback:
                _set_locally("app.clinic_id", before)


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
        if not self.in_one_transaction:
            return super().__call__(clinic, *args, **kwargs)
        with clinic_scope(clinic):
            return super().__call__(clinic, *args, **kwargs)

    in_one_transaction = True


def memberships_of(user):
    """The clinics that somebody works for: the one question that is asked before a clinic is chosen."""
    with scopes_disabled():
        return list(
            ClinicUser.objects.filter(user=user, is_active=True, clinic__is_active=True)
            .select_related("clinic", "user")
            .order_by("clinic__name", "pk")
        )


class ClinicMiddleware:
    """Open ONE transaction, and the clinic that the member chose, around the whole answer, rendering included."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.clinic = request.member = None
        request.member_clinics = []
        with transaction.atomic():
            if not request.user.is_authenticated:
                return self._answer(request)
            _set_locally("app.user_id", str(request.user.pk))
            self._choose(request)
            if request.member is None:
                return self._answer(request)
            _set_locally("app.clinic_id", str(request.clinic.pk))
            with scope(clinic=request.clinic):
                return self._answer(request)

    def _choose(self, request):
        memberships = memberships_of(request.user)
        request.member_clinics = [membership.clinic for membership in memberships]
        wanted = request.session.get(SESSION_KEY)
        chosen = next((each for each in memberships if str(each.clinic_id) == wanted), None) or next(
            iter(memberships), None
        )
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
            response.streaming_content = partial(stream_in_clinic, clinic=request.clinic)(response.streaming_content)
        if response.status_code >= 500:
            transaction.set_rollback(True)
        return response
