"""The cast that every test plays with: a clinic and its people, and the clinic next door."""

import gc
import itertools
import os
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client, TransactionTestCase, override_settings
from django_scopes.state import state as scopes
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from clinics.models import AuditLog, Role
from clinics.models.base import current_clinic_id
from clinics.tenancy import SESSION_KEY, clinic_scope
from clinics.tests.factories import ClinicFactory, ClinicUserFactory
from crm.models import PipelineStage
from tests.emptied_tables import empty_tables
from tests.remembered_preset import give_preset
from tests.template_database import drop_test_database, make_test_database

NUMBERS = itertools.count()
HTMX = {"HTTP_HX_REQUEST": "true"}
SHARED = Path(__file__).resolve().parent.parent / "shared" / "data"

# How long an example takes on a busy machine says nothing about the code.
hypothesis.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("house")


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="make the drills as long as they are meant to be")


def pytest_configure(config):
    if config.getoption("--full"):
        os.environ["DRILL_FULL"] = "1"


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    """`-m database` is known before tests are chosen; those that were chosen are put in order."""
    for item in items:
        if "db" in item.fixturenames or "transactional_db" in item.fixturenames or item.get_closest_marker("django_db"):
            item.add_marker("database")
    outcome = yield
    items[:] = in_order(items)
    return outcome


def asks_the_database(item):
    return item.get_closest_marker("database") is not None


def in_order(items):
    """What takes longest begins first, in whatever order the rest comes, so that nothing is waited for at the end.

    Workers are given one stretch of the list each, the last ones what does not divide: every stretch has its share.
    All but the first one begin with what needs no database, since the first may have to migrate one for them all.
    """
    long = [item for item in items if item.get_closest_marker("long")]
    rest = [item for item in items if not item.get_closest_marker("long")]
    workers, left, ordered = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1)), len(items), []
    for number in range(workers):
        share = long[number::workers]
        quick = rest[: max(left // (workers - number) - len(share), 0)]
        del rest[: len(quick)]
        left -= len(share) + len(quick)
        if number:
            quick.sort(key=asks_the_database)
            at = sum(not asks_the_database(item) for item in quick)
            ordered += [*quick[:at], *share, *quick[at:]]
        else:
            ordered += share + quick
    return ordered


def pytest_collection_finish():
    """What was imported lives as long as the run does: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Test databases are made by the owner; afterwards every connection drops to the application's role."""
    connections["default"].settings_dict["OPTIONS"].pop("assume_role", None)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_modify_db_settings):
    options = connections["default"].settings_dict["OPTIONS"]
    with django_db_blocker.unblock():
        make_test_database()
    options["assume_role"] = settings.DATABASE_ROLE
    connections["default"].close()
    yield
    options.pop("assume_role", None)
    with django_db_blocker.unblock():
        connections["default"].close()
        drop_test_database()


@pytest.fixture(scope="session", autouse=True)
def tables_that_hold_rows():
    """After a test that committed, the tables that hold rows are emptied, and no others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables)
        yield


@pytest.fixture
def own_folder(tmp_path_factory):
    """An empty folder of the test's own. That of tmp_path looks through the folders of all tests before it."""
    folder = tmp_path_factory.getbasetemp() / f"test-{next(NUMBERS)}"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session", autouse=True)
def quiet_house(django_test_environment):
    """No broker, no slow password hashes, no redirects: said once, since each setting that changes is told to many."""
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(
        CELERY_TASK_ALWAYS_EAGER=True,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        SECURE_SSL_REDIRECT=False,
        STORAGES=settings.STORAGES | plain,
    ):
        yield


@pytest.fixture(autouse=True)
def quiet_surroundings(settings, own_folder):
    """Files and what is remembered land in a place of the test's own."""
    settings.MEDIA_ROOT = own_folder / "media"
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(own_folder)}
    }


@pytest.fixture
def clinic(db):
    """Downtown Orthodontics, with the orthodontics preset; its scope is open while the test runs."""
    clinic = ClinicFactory(name="Downtown Orthodontics", slug="downtown")
    give_preset(clinic)
    with clinic_scope(clinic):
        yield clinic


@pytest.fixture
def other_clinic(db):
    """The clinic next door, closed: enter it with clinic_scope after leaving the first one."""
    clinic = ClinicFactory(name="Uptown Smiles", slug="uptown")
    with next_door(clinic):
        give_preset(clinic)
    return clinic


@contextmanager
def no_clinic():
    """Close the clinic that the test has open, for what begins without one: a request, or the clinic next door."""
    is_open = current_clinic_id() is not None
    before = _setting_closed() if is_open else ""
    token = scopes.set({})
    try:
        yield
    finally:
        scopes.reset(token)
        if is_open and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('app.clinic_id', %s, true)", [before])


def _setting_closed():
    """Empty the setting that the wall goes by; returns what it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting('app.clinic_id', true), ''), set_config('app.clinic_id', '', true)"
        )
        return cursor.fetchone()[0]


@contextmanager
def next_door(clinic):
    """Open a clinic beside the one that is open, as no code of ours may: for tests that must put something there."""
    with no_clinic(), clinic_scope(clinic):
        yield clinic


class Browser(Client):
    """A browser whose requests begin as real ones do: with no clinic open."""

    def request(self, **request):
        with no_clinic():
            return super().request(**request)


def member_of(role, first_name):
    return ClinicUserFactory(role=role, user__first_name=first_name, user__last_name="Vasquez")


@pytest.fixture
def owner(clinic):
    return member_of(Role.CLINIC_ADMIN, "Olga")


@pytest.fixture
def coordinator(clinic):
    return member_of(Role.TREATMENT_COORDINATOR, "Renata")


@pytest.fixture
def receptionist(clinic):
    return member_of(Role.FRONT_DESK, "Fred")


@pytest.fixture
def doctor(clinic):
    return member_of(Role.DOCTOR, "Dora")


@pytest.fixture
def marketer(clinic):
    return member_of(Role.MARKETING, "Mark")


@pytest.fixture
def viewer(clinic):
    return member_of(Role.VIEWER, "Vera")


@pytest.fixture
def stranger(other_clinic):
    """A treatment coordinator of the clinic next door."""
    with next_door(other_clinic):
        return ClinicUserFactory(role=Role.TREATMENT_COORDINATOR, user__first_name="Sten")


@pytest.fixture
def client_of():
    """client_of(member): a browser in which that member is logged in to their clinic."""
    return logged_in


@pytest.fixture
def htmx_of():
    """htmx_of(member): the same, asking as htmx does."""

    def browser(member):
        client = logged_in(member)
        client.defaults.update(HTMX)
        return client

    return browser


def logged_in(member):
    client = Browser()
    client.force_login(member.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.session
    session[SESSION_KEY] = str(member.clinic_id)
    session.save()
    return client


@pytest.fixture
def stages(clinic):
    """The clinic's stages by short name."""
    return {stage.slug: stage for stage in PipelineStage.objects.in_order()}


def last_audit(instance):
    """The newest audit row about an instance."""
    return AuditLog.objects.about(instance).first()


@pytest.fixture
def shared():
    """A function from a name to a file of the shared data; skips the test where that is not at hand."""

    def find(name):
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"shared data are not here: {name}")
        return path

    return find
