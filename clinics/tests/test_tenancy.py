from contextlib import contextmanager

import pytest
from celery import shared_task
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.test import override_settings
from django.urls import include, path
from django_scopes import get_scope
from django_scopes.exceptions import ScopeError
from django_scopes.state import state as scopes

from clinics.access import staff_page
from clinics.models import Clinic, Location
from clinics.models.base import current_clinic_id
from clinics.tenancy import ClinicTask, NestedClinic, clinic_scope, on_commit_in_clinic, stream_in_clinic
from clinics.tests.factories import ClinicFactory, LocationFactory


def setting(name="app.clinic_id"):
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting(%s, true), '')", [name])
        return cursor.fetchone()[0]


def names():
    return sorted(Location.objects.values_list("name", flat=True))


# Views of these tests alone -----------------------------------------------------------------------


@staff_page(None)
def lazy_page(request):
    """A template response is rendered after the view returned."""
    return TemplateResponse(request, "parts/_badge.html", {"text": Location.objects.order_by("name")[:1]})


@staff_page(None)
def streamed(request):
    return StreamingHttpResponse(f"{name};" for name in Location.objects.values_list("name", flat=True).iterator())


@staff_page(None)
def answers_500(request):
    LocationFactory(name="Half done")
    return HttpResponse(status=500)


@staff_page(None)
def raises(request):
    LocationFactory(name="Half done")
    raise {"404": Http404, "500": ZeroDivisionError, "403": PermissionDenied}[request.GET["with"]]


@staff_page(None)
def breaks_a_constraint(request):
    LocationFactory(name="Twice")
    LocationFactory(name="Twice")


@staff_page(None)
def which_clinic(request):
    return HttpResponse(f"{setting()} {current_clinic_id()} {setting('app.user_id')}")


urlpatterns = [
    path("lazy/", lazy_page),
    path("streamed/", streamed),
    path("answers-500/", answers_500),
    path("raises/", raises),
    path("breaks/", breaks_a_constraint),
    path("which/", which_clinic),
    path("", include("config.urls")),
]
handler500 = "clinics.views.errors.server_error"
own_views = override_settings(ROOT_URLCONF=__name__)


# The scope ----------------------------------------------------------------------------------------


def test_scope_of_another_clinic_inside_of_one_is_refused(clinic, other_clinic):
    LocationFactory(name="Ours")

    with pytest.raises(NestedClinic), clinic_scope(other_clinic):
        pass

    assert (names(), setting()) == (["Ours"], str(clinic.pk))


def test_scope_of_another_clinic_is_refused_even_where_only_the_database_knows_of_the_first(clinic, other_clinic):
    with pytest.raises(NestedClinic), without_scope(), clinic_scope(other_clinic):
        pass

    assert setting() == str(clinic.pk)


@contextmanager
def without_scope():
    """Forget the first wall's clinic, as a new thread or a lost context would; the second wall still knows it."""
    token = scopes.set({})
    try:
        yield
    finally:
        scopes.reset(token)


def test_scope_of_the_same_clinic_is_entered_again_without_a_query(clinic, django_assert_num_queries):
    with django_assert_num_queries(0), clinic_scope(clinic), clinic_scope(str(clinic.pk)):
        pass

    assert setting() == str(clinic.pk)


def test_scope_ends_with_its_block_also_when_the_savepoint_is_released(db):
    first, second = ClinicFactory(), ClinicFactory()

    with clinic_scope(first):
        LocationFactory(name="First's")
    with clinic_scope(second):
        inside = names()

    assert (inside, setting(), get_scope().get("clinic")) == ([], "", None)


def test_scope_is_put_back_after_an_error_of_the_database(clinic):
    with pytest.raises(IntegrityError), clinic_scope(clinic):
        LocationFactory(name="Twice")
        with transaction.atomic():
            LocationFactory(name="Twice")

    assert setting() == str(clinic.pk)


def test_error_of_the_database_inside_a_scope_is_the_one_that_is_reported(db):
    clinic = ClinicFactory()

    with pytest.raises(Exception, match="division by zero"), clinic_scope(clinic), connection.cursor() as cursor:
        cursor.execute("SELECT 1/0")

    assert setting() == ""


def test_manager_outside_of_a_scope_refuses_to_answer(db):
    with pytest.raises(ScopeError):
        Location.objects.count()


def test_setting_is_gone_with_its_transaction(transactional_db):
    clinic = ClinicFactory()

    with clinic_scope(clinic):
        inside = setting()

    assert (inside, setting(), setting("app.user_id")) == (str(clinic.pk), "", "")


# After the commit, while streaming, in a task -----------------------------------------------------


def test_on_commit_in_clinic_opens_the_clinic_again(transactional_db):
    clinic, found = ClinicFactory(), []

    with clinic_scope(clinic):
        LocationFactory(name="Here")
        on_commit_in_clinic(lambda: found.extend(names()))
        before = list(found)

    assert (before, found) == ([], ["Here"])


def test_plain_on_commit_has_no_clinic(transactional_db):
    seen = []

    with clinic_scope(ClinicFactory()):
        transaction.on_commit(lambda: seen.append((current_clinic_id(), setting())))

    assert seen == [(None, "")]


def test_stream_opens_the_clinic_while_each_part_is_made(transactional_db):
    clinic = ClinicFactory()
    with clinic_scope(clinic):
        LocationFactory(name="Here")

    parts = list(stream_in_clinic(asked_late(), clinic))

    assert (parts, current_clinic_id(), setting()) == (["Here"], None, "")


def asked_late():
    yield from names()


def test_stream_that_is_left_early_closes_its_transaction(transactional_db):
    parts = stream_in_clinic(iter("abc"), ClinicFactory())
    next(parts)

    parts.close()

    assert (connection.in_atomic_block, current_clinic_id()) == (False, None)


@shared_task(base=ClinicTask)
def count_locations(clinic):
    return clinic.name, Location.objects.count()


def test_task_runs_inside_its_clinic_and_sees_no_other(db):
    clinic, other = ClinicFactory(name="One"), ClinicFactory(name="Two")
    with clinic_scope(other):
        LocationFactory()

    assert [count_locations(str(each.pk)) for each in (clinic, other)] == [("One", 0), ("Two", 1)]


@pytest.mark.parametrize("clinic_id", ["00000000-0000-7000-8000-000000000000", "", "not an id", None])
def test_task_of_an_unknown_clinic_does_nothing(db, clinic_id):
    with pytest.raises((Clinic.DoesNotExist, ValidationError)):
        count_locations(clinic_id)


def test_task_of_a_closed_clinic_does_nothing(db):
    with pytest.raises(Clinic.DoesNotExist):
        count_locations(str(ClinicFactory(is_active=False).pk))


def test_task_inside_another_clinics_scope_is_refused(clinic, other_clinic):
    with pytest.raises(NestedClinic):
        count_locations(str(other_clinic.pk))


# The request --------------------------------------------------------------------------------------


@own_views
def test_request_sees_its_members_clinic_and_leaves_nothing_behind(clinic, owner, stranger, client_of):
    theirs = client_of(stranger).get("/which/").content.decode()

    assert theirs == f"{stranger.clinic_id} {stranger.clinic_id} {stranger.user_id}"
    assert (setting(), setting("app.user_id")) == (str(clinic.pk), "")


@own_views
def test_request_renders_inside_its_transaction(clinic, owner, client_of):
    LocationFactory(name="Shown while rendering")

    assert "Shown while rendering" in client_of(owner).get("/lazy/").content.decode()


@own_views
def test_streamed_answer_is_made_inside_the_clinic(clinic, owner, client_of):
    LocationFactory(name="Streamed")

    assert "Streamed;" in client_of(owner).get("/streamed/").getvalue().decode()


@own_views
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/answers-500/", 500),
        ("/raises/?with=500", 500),
        ("/raises/?with=404", 404),
        ("/raises/?with=403", 403),
        ("/breaks/", 500),
    ],
)
def test_what_a_failed_request_wrote_is_taken_back(clinic, owner, client_of, address, status):
    browser = client_of(owner)
    browser.raise_request_exception = False

    response = browser.get(address)

    assert (response.status_code, names()) == (status, [])


def test_unknown_and_foreign_clinic_in_the_session_fall_back_to_ones_own(clinic, other_clinic, owner, client_of):
    browser = client_of(owner)
    session = browser.session
    session["clinic"] = str(other_clinic.pk)
    session.save()

    with override_settings(ROOT_URLCONF=__name__):
        assert str(clinic.pk) in browser.get("/which/").content.decode()
