"""What a reader is told when something fails, with and without htmx."""

import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.test import override_settings
from django.urls import include, path
from psycopg_pool import PoolTimeout

from clinics.access import staff_page
from clinics.views.errors import is_database_away, server_error

ERRORS = {
    error.__name__: error
    for error in (OperationalError, InterfaceError, PoolTimeout, ZeroDivisionError, Http404, PermissionDenied)
}


@staff_page(None)
def raises(request, name):
    raise ERRORS[name]


urlpatterns = [path("raises/<str:name>/", raises), path("", include("config.urls"))]
handler500 = "clinics.views.errors.server_error"


@pytest.fixture
def ask(owner, client_of, htmx_of):
    def fetch(name, *, htmx=False):
        browser = (htmx_of if htmx else client_of)(owner)
        browser.raise_request_exception = False
        with override_settings(ROOT_URLCONF=__name__):
            return browser.get(f"/raises/{name}/")

    return fetch


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("OperationalError", 503, "We cannot be reached just now"),
        ("InterfaceError", 503, "We cannot be reached just now"),
        ("PoolTimeout", 503, "We cannot be reached just now"),
        ("ZeroDivisionError", 500, "This did not work, and it is our fault"),
        ("Http404", 404, "We cannot find this page"),
        ("PermissionDenied", 403, "This page is not open to you"),
    ],
)
def test_error_has_its_status_and_words(ask, name, status, words, htmx):
    response = ask(name, htmx=htmx)

    assert response.status_code == status
    assert words in response.content.decode()


def test_page_of_an_error_tells_the_id_of_the_request(ask):
    for name in ("ZeroDivisionError", "OperationalError"):
        response = ask(name)
        assert response["X-Request-Id"] in response.content.decode()


def test_page_without_a_database_says_when_to_come_back(ask):
    assert ask("OperationalError")["Retry-After"] == "5"


def test_page_of_an_error_asks_the_database_for_nothing(rf, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert server_error(rf.get("/")).status_code == 500


def test_database_is_away_also_when_that_is_only_the_cause():
    error = ValueError()
    error.__cause__ = PoolTimeout()

    assert (is_database_away(error), is_database_away(ValueError()), is_database_away(None)) == (True, False, False)


def test_toasts_have_words_for_each_failure_of_htmx(owner, client_of):
    html = client_of(owner).get("/notices/").content.decode()

    for name in ("denied", "gone", "failed", "away", "offline"):
        assert f'data-{name}="' in html


WITHOUT_DATABASE = """
import django
django.setup()
from django.test import Client
browser = Client(raise_request_exception=False)
answers = [browser.get(address).status_code for address in ("/", "/account/login/", "/healthz", "/readyz")]
browser.cookies["recare_session"] = browser.cookies["__Host-recare_session"] = "0" * 32
print(answers, [browser.get(address).status_code for address in ("/", "/jobs/", "/healthz", "/readyz")])
"""


def test_every_page_is_503_while_the_database_is_down_and_the_probes_answer(monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings")
    monkeypatch.setenv("DATABASE_URL", "postgresql://recare@127.0.0.1:1/recare")
    monkeypatch.setenv("LOCAL", "1")
    monkeypatch.setenv("ALLOWED_HOSTS", "testserver")
    monkeypatch.setenv("DEBUG", "0")

    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DATABASE], capture_output=True, text=True, cwd=settings.BASE_DIR, timeout=60
    )

    assert done.stdout.strip().endswith("[503, 503, 200, 503] [503, 503, 200, 503]"), done.stderr[-2000:]
